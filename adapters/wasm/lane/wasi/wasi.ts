import { randomFillSync } from 'node:crypto';
import type { WasiFunction } from '../../host-abi.js';
import type { Grant } from '../../messages.js';
import { makeClocks } from './clocks.js';
import { descriptorFunctions } from './descriptor-functions.js';
import { Descriptors } from './descriptors.js';
import { answering, Errno } from './errno.js';
import { fileFunctions } from './file-functions.js';
import { openGrants } from './grants.js';
import { GuestMemory } from './guest-memory.js';
import { Lines } from './lines.js';
import { pathFunctions } from './path-functions.js';
import { pollOneoff } from './poll.js';

export interface Wasi {
  readonly imports: WebAssembly.ModuleImports;
  /** To be given the instance's exports, its memory among them, before any of its functions is called. */
  attach(exports: WebAssembly.Instance['exports']): void;
  /** What the guest gave to `proc_exit`, which ended what ran; null when it did not. Asked once, it is forgotten. */
  takeExit(): number | null;
  /** Why one of these ended the call; null when none did, or by success. */
  reason(): string | null;
  /** Passes on what the guest has written without ending the line. */
  flush(): void;
  /** Closes what is open; nothing may be called afterwards. */
  close(): void;
}

interface WasiOptions {
  /** What the guest finds as the name of its program: its only argument. */
  readonly program: string;
  readonly grants: readonly Grant[];
  /** Traps. */
  readonly abort: () => never;
  readonly log: (line: string) => void;
}

/** WASI preview 1 for one instance. Throws when what was granted cannot be opened. */
export function makeWasi({ program, grants, abort, log }: WasiOptions): Wasi {
  const memory = new GuestMemory();
  const clocks = makeClocks();
  const descriptors = new Descriptors();
  let exitCode: number | null = null;
  let reason: string | null = null;

  descriptors.add({ kind: 'stdin' });
  descriptors.add({ kind: 'output', lines: new Lines((line) => log(`stdout: ${line}`)) });
  descriptors.add({ kind: 'output', lines: new Lines((line) => log(`stderr: ${line}`)) });
  openGrants(grants, descriptors);

  const unsupported = answering(() => {
    throw new Errno('ENOTSUP');
  });
  const argument = Buffer.from(`${program}\0`);

  const own = {
    args_sizes_get: answering((count: number, bytes: number) => {
      memory.setU32(count, 1);
      memory.setU32(bytes, argument.length);
    }),
    args_get: answering((pointers: number, bytes: number) => {
      memory.setU32(pointers, bytes);
      memory.bytes(bytes, argument.length).set(argument);
    }),
    environ_sizes_get: answering((count: number, bytes: number) => {
      memory.setU32(count, 0);
      memory.setU32(bytes, 0);
    }),
    environ_get: () => 0,
    clock_res_get: answering((clock: number, answer: number) => memory.setU64(answer, clocks.resolution(clock))),
    clock_time_get: answering((clock: number, _precision: bigint, answer: number) =>
      memory.setU64(answer, clocks.now(clock)),
    ),
    poll_oneoff: answering((subscriptions: number, events: number, count: number, answer: number) => {
      memory.setU32(answer, pollOneoff(memory, descriptors, clocks, subscriptions, events, count >>> 0));
    }),
    random_get: answering((at: number, length: number) => void randomFillSync(memory.bytes(at, length))),
    sched_yield: () => 0,
    proc_exit(code: number): never {
      exitCode = code;
      if (code !== 0) reason = `it exited with code ${code}`;
      return abort();
    },
    proc_raise(signal: number): never {
      reason = `it raised signal ${signal}`;
      return abort();
    },
    sock_accept: unsupported,
    sock_recv: unsupported,
    sock_send: unsupported,
    sock_shutdown: unsupported,
  };
  // Spread into one literal, they would take Node.js 20 twelve times as long.
  const imports: Record<WasiFunction, WebAssembly.ExportValue> = Object.assign(
    own,
    fileFunctions(memory, descriptors),
    descriptorFunctions(memory, descriptors),
    pathFunctions(memory, descriptors),
  );

  return {
    imports,
    attach({ memory: guest }) {
      if (guest instanceof WebAssembly.Memory) memory.attach(guest);
    },
    takeExit() {
      const taken = exitCode;
      exitCode = null;
      return taken;
    },
    reason: () => reason,
    flush: () => descriptors.flush(),
    close: () => descriptors.closeAll(),
  };
}
