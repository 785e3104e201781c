import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Open, Report, Window } from '../../../src/domain/backend.js';
import type { Call } from '../../../src/domain/call.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import type { FromLane, ToLane } from '../messages.js';
import { makeSlots } from '../slots.js';
import { Asks } from './asks.js';
import { makeBodies } from './bodies.js';
import { Calls } from './calls.js';
import { makeCrew } from './crew.js';
import { type AnswerHostCall, refuseAll } from './host-calls.js';
import { openOn } from './open.js';
import type { ReadFile } from './read-module.js';

/** Calls that are handed over, for each lane. */
const DEPTH = 16;

/** Instances in all lanes together. Each has two memories, and some 13,000 memories are the end of the address space. */
const INSTANCES = 4_000;

/** Milliseconds that a module has for its start, when it is opened. */
const START_WITHIN = 10_000;

/** Lanes that may be added while the calls of others wait for what they have asked for. */
const STAND_INS = 16;

/** MiB of JavaScript heap for each lane. */
const HEAP = 512;

export interface LanesOptions {
  /** Worker threads that run calls. */
  readonly lanes: number;
  /** Calls handed over for each lane; default 16. */
  readonly depth?: number;
  /** Instances kept in all lanes together; default 4,000. */
  readonly instances?: number;
  /** MiB of JavaScript heap for each lane, over which it ends; default 512. */
  readonly heapMiB?: number;
  /** Calls that can wait for an answer while another lane works in their lane's place; default 16. */
  readonly standIns?: number;
  /** How calls get what they ask for; without it, nothing is to be had. */
  readonly answer?: AnswerHostCall;
  /** Milliseconds for a module's start when it is opened; default 10,000. */
  readonly startWithinMs?: number;
  /** Has lanes note which calls they begin: in which file, and each call's number. */
  readonly note?: { readonly file: number; readonly numberOf: (call: Call) => number };
  /** Where modules are read; default: their files. */
  readonly read?: ReadFile;
}

/** The lanes of the process. All backends opened on them share one window. */
export interface Lanes {
  readonly window: Window;
  readonly open: Open<WasmSpec>;
  /** Stops every lane; calls that are still there reject `unavailable`. */
  close(): Promise<void>;
}

/** Starts worker threads that run the calls of wasm backends. Throws when the kernel has not been built. */
export function startLanes({
  lanes,
  depth = DEPTH,
  instances = INSTANCES,
  heapMiB = HEAP,
  standIns = STAND_INS,
  answer = refuseAll,
  startWithinMs = START_WITHIN,
  note,
  read = readFile,
}: LanesOptions): Lanes {
  const kernel = new WebAssembly.Module(readFileSync(new URL('../kernel/kernel.wasm', import.meta.url)));
  const window: Window = { size: lanes * depth };
  // A call that was given up keeps its slot until its lane has ended, and one that waits for an answer has a slot too.
  const slots = makeSlots(window.size + 2 * lanes + standIns);
  const reports = new Map<number, Report>();

  const bodies = makeBodies((message: ToLane) => crew.tell(message));
  const asks = new Asks(slots, {
    wait: (lane) => crew.wait(lane),
    resume: (lane) => crew.resume(lane),
    answer: (lane, given) => crew.answer(lane, given),
  });
  const calls = new Calls({
    slots,
    bodies,
    asks,
    replaceLane: (lane) => crew.replace(lane),
    markOf: note?.numberOf ?? (() => 0),
  });
  const crew = makeCrew({
    lanes,
    standIns,
    slots,
    kernel,
    heapMiB,
    note: note?.file ?? null,
    instances: Math.max(1, Math.floor(instances / (lanes + 1 + standIns))),
    bodies: () => bodies.all(),
    message: (message) => hear(message),
    ended: (lane, why) => calls.laneEnded(lane, why),
  });

  const hear = (message: FromLane): void => {
    if (typeof message === 'number') calls.collect();
    else if (message.type === 'ask') calls.ask(message.slot, message.request);
    else if (message.type === 'output') calls.collectSent(message.slot, message.output);
    else reports.get(message.backend)?.({ type: 'output', stream: 'log', line: message.line });
  };

  return {
    window,
    open: openOn({ window, calls, crew, reports, startWithinMs, answer, read }),
    async close() {
      calls.close();
      await crew.end();
    },
  };
}
