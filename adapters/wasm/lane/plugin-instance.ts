import { COMMAND, HOST_MODULE, USER_MODULE } from '../host-abi.js';
import type { LaneModule } from '../messages.js';
import { CannotStart } from './cannot-start.js';
import { describeFault, describeTrap } from './fault.js';
import { hostFunctions } from './host-functions.js';
import type { Kernel } from './kernel.js';
import { linkGuest } from './link.js';
import type { Ask } from './nested-calls.js';
import { guestWasi, type GuestWasi } from './wasi/guest-wasi.js';

/** Bytes of an error's text that are kept. */
const MOST_ERROR = 4096;

/** How a call ended; `output` is a view of the kernel's memory, good until that is wiped. */
export type Ending =
  | { readonly kind: 'answered'; readonly output: Uint8Array }
  | { readonly kind: 'error'; readonly text: Uint8Array; readonly status: number }
  | { readonly kind: 'over-output-limit'; readonly length: number }
  | { readonly kind: 'trapped'; readonly detail: string };

/** One plugin's instance in one lane: one call at a time, its kernel wiped in between, and none after a trap. */
export interface PluginInstance {
  /** Runs a function on the first `length` bytes of `input`. Never throws. */
  run(functionIndex: number, input: Uint8Array, length: number): Ending;
  /** Whether it has ended by itself, as a command does: it takes no more calls. */
  over(): boolean;
  /** Lets go of what it has open. To be called when it takes no more calls. */
  close(): void;
}

/** What its lane does for an instance. */
interface InstanceServices {
  readonly log: (line: string) => void;
  readonly ask: Ask;
}

const NOTHING = new Uint8Array(0);

/** Makes an instance over a kernel of its own and runs what it starts with. Throws {@link CannotStart}. */
export function startInstance(spec: LaneModule, kernel: Kernel, { log, ask }: InstanceServices): PluginInstance {
  const host = hostFunctions(kernel, spec.config, log, ask);
  const wasi = guestWasi(spec, kernel, log);

  const explain = (error: unknown): string => {
    const trap = describeTrap(error, host.reason() ?? wasi.reason() ?? describeFault(kernel.fault, spec.memory));
    const text = kernel.hasError ? decode(kernel.error(MOST_ERROR)) : '';
    return text === '' ? trap : `${trap} (it reported: ${text})`;
  };

  const imports = { [HOST_MODULE]: { ...kernel.functions, ...host.imports }, [USER_MODULE]: host.userImports };
  kernel.begin(NOTHING, 0, spec.memory);
  const { functions, memories } = link(spec, imports, wasi, explain);
  kernel.end();
  wasi.flush();
  const command = spec.functions.indexOf(COMMAND);
  let over = false;

  return {
    run(functionIndex, input, length) {
      const call = functions[functionIndex];
      if (call === undefined) return { kind: 'trapped', detail: 'there is no such function' };
      if (functionIndex === command) over = true;
      let status: number;
      try {
        host.begin();
        kernel.begin(input, length, spec.memory - guestBytes(memories));
        status = statusOf(call());
      } catch (error) {
        const exitCode = wasi.takeExit();
        if (exitCode === null) return { kind: 'trapped', detail: withMemory(explain(error), memories, spec.memory) };
        over = true;
        if (exitCode !== 0) return { kind: 'error', text: encoder.encode(explain(error)), status: exitCode };
        status = 0;
      } finally {
        wasi.flush();
      }
      const total = guestBytes(memories) + kernel.used;
      if (total > spec.memory)
        return { kind: 'trapped', detail: `out of memory: ${total} bytes used of a limit of ${spec.memory}` };
      if (status !== 0 || kernel.hasError) return { kind: 'error', text: kernel.error(MOST_ERROR), status };
      const outputLength = kernel.outputLength;
      if (outputLength > spec.outputLimit) return { kind: 'over-output-limit', length: outputLength };
      if (outputLength === 0) return { kind: 'answered', output: NOTHING };
      const offset = kernel.outputOffset;
      return { kind: 'answered', output: kernel.bytes().subarray(offset, offset + outputLength) };
    },
    over: () => over,
    close: () => wasi.close(),
  };
}

function link(
  spec: LaneModule,
  imports: WebAssembly.Imports,
  wasi: GuestWasi,
  explain: (error: unknown) => string,
): { readonly functions: readonly (() => unknown)[]; readonly memories: readonly WebAssembly.Memory[] } {
  try {
    const { exports, memories } = linkGuest(spec, (module) => wasi.serve(module, imports), explain);
    return { functions: spec.functions.map((name) => functionOf(exports, name)), memories };
  } catch (error) {
    wasi.close();
    throw error;
  }
}

function functionOf(exports: WebAssembly.Instance['exports'], name: string): () => unknown {
  const value = exports[name];
  if (typeof value !== 'function') throw new CannotStart(`it has no function export "${name}"`);
  if (value.length > 0)
    throw new CannotStart(`its export "${name}" takes ${value.length} arguments, a plugin's take none`);
  return value as () => unknown;
}

/** What an export returned, as a status: 0 is success, and so is nothing at all. */
function statusOf(returned: unknown): number {
  if (typeof returned === 'number') return returned;
  return typeof returned === 'bigint' ? Number(returned) : 0;
}

function guestBytes(memories: readonly WebAssembly.Memory[]): number {
  let bytes = 0;
  for (const { buffer } of memories) bytes += buffer.byteLength;
  return bytes;
}

/** An abort, and any trap of a guest whose memory is large, is often a failed allocation: say how large it was. */
function withMemory(detail: string, memories: readonly WebAssembly.Memory[], limit: number): string {
  const bytes = guestBytes(memories);
  const mayBeMemory = detail.startsWith('unreachable') || bytes * 2 >= limit;
  return !mayBeMemory || memories.length === 0
    ? detail
    : `${detail} (its memory: ${bytes} bytes of a limit of ${limit})`;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
