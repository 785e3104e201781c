import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import type { Open, Report, Window } from '../../../src/domain/backend.js';
import type { Call } from '../../../src/domain/call.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import { makeMemoryBudget } from '../memory-budget.js';
import type { FromLane, ToLane } from '../messages.js';
import { makeSlots } from '../slots.js';
import { Asks } from './asks.js';
import { makeBodies } from './bodies.js';
import { Calls } from './calls.js';
import { makeCrew } from './crew.js';
import type { LaneLimits } from './lane.js';
import { type AnswerHostCall, refuseAll } from './host-calls.js';
import { openOn } from './open.js';
import { makeProbers } from './probers.js';
import { openAtPath, type OpenFileAt } from './open-file.js';

/** Calls that are handed over, for each lane. */
const DEPTH = 16;

/** Wasm memories in all lanes together: two for each instance. Some 13,000 are the end of the address space. */
const MEMORIES = 10_000;

/** Milliseconds that a module has for its start, when it is opened. */
const START_WITHIN = 10_000;

/** Lanes that may be added while the calls of others wait for what they have asked for. */
const STAND_INS = 16;

/** Of backends that are opened at once, so many are tried: a start of 2,000 would take many times as long else. */
const TRY_AT_ONCE = 200;

/** MiB of JavaScript heap for each lane. */
const HEAP = 512;

export interface LanesOptions {
  /** Worker threads that run calls. */
  readonly lanes: number;
  /** Calls handed over for each lane; default 16. */
  readonly depth?: number;
  /** Wasm memories in all lanes together, two for each instance; default 10,000. A lane may always have one instance. */
  readonly memories?: number;
  /** MiB of JavaScript heap for each lane, over which it ends; default 512. */
  readonly heapMiB?: number;
  /** Calls that can wait for an answer while another lane works in their lane's place; default 16. */
  readonly standIns?: number;
  /** How calls get what they ask for; without it, nothing is to be had. */
  readonly answer?: AnswerHostCall;
  /** Milliseconds for a module's start when it is opened; default 10,000. */
  readonly startWithinMs?: number;
  /** Of backends that are opened at once, so many are compiled and started right away; default 200. */
  readonly tryAtOnce?: number;
  /** Has lanes note which calls they begin: in which file, and each call's number. */
  readonly note?: { readonly file: number; readonly numberOf: (call: Call) => number };
  /** Where modules are read; default: their files. */
  readonly openFile?: OpenFileAt;
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
  memories = MEMORIES,
  heapMiB = HEAP,
  standIns = STAND_INS,
  answer = refuseAll,
  startWithinMs = START_WITHIN,
  tryAtOnce = TRY_AT_ONCE,
  note,
  openFile = openAtPath,
}: LanesOptions): Lanes {
  // So that a lane can give back addresses when it has to: see `lane/garbage.ts`.
  setFlagsFromString('--expose-gc');
  const kernel = new WebAssembly.Module(readFileSync(new URL('../kernel/kernel.wasm', import.meta.url)));
  const window: Window = { size: lanes * depth, abreast: lanes };
  // A call that was given up keeps its slot until its lane has ended, and one that waits for an answer has a slot too.
  const slots = makeSlots(window.size + 2 * lanes + standIns);
  const limits: LaneLimits = { budget: makeMemoryBudget(memories), heapMiB };
  const reports = new Map<number, Report>();
  const logged = ({ backend, line }: Extract<FromLane, { readonly type: 'log' }>): void =>
    reports.get(backend)?.({ type: 'output', stream: 'log', line });

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
    limits,
    note: note?.file ?? null,
    bodies: () => bodies.all(),
    message: (message) => hear(message),
    ended: (lane, why) => calls.laneEnded(lane, why),
  });

  const hear = (message: FromLane): void => {
    if (typeof message === 'number') calls.collect();
    else if (message.type === 'ask') calls.ask(message.slot, message.request);
    else if (message.type === 'output') calls.collectSent(message.slot, message.output);
    else logged(message);
  };

  const probers = makeProbers({ kernel, limits, startWithinMs, logged });

  return {
    window,
    open: openOn({ window, calls, crew, probers, reports, startWithinMs, tryAtOnce, answer, openFile }),
    async close() {
      calls.close();
      await Promise.all([crew.end(), probers.close()]);
    },
  };
}
