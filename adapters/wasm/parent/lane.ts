import { Worker } from 'node:worker_threads';
import type { MemoryBudget } from '../memory-budget.js';
import type { FromLane, LaneStart, ToLane } from '../messages.js';
import { ACTIVE, LANE_WORDS, POSTED, RESTING, TOLD } from '../slots.js';

export type LaneState =
  /** `since` on the clock of `performance.now()`. It may still be at its last call. */
  | { readonly state: 'spare'; readonly since: number }
  | { readonly state: 'working' }
  /** Its call waits for an answer, and another lane works in its place. */
  | { readonly state: 'waiting' }
  | { readonly state: 'ending' }
  | { readonly state: 'ended' };

/** A worker thread as the gateway sees it. */
export interface Lane {
  readonly id: number;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  state(): LaneState;
  /** Whether it is a spare that has nothing to do. */
  isIdle(): boolean;
  /** Lets a spare lane take calls. */
  activate(): void;
  /** A working lane takes no more calls after the present one: it becomes a spare. */
  rest(): void;
  /** Its call waits for an answer: also that of a spare that is still at its last one. */
  wait(): void;
  /** Back from waiting: it works. */
  resume(): void;
  tell(message: ToLane): void;
  /** Stops it, whatever it does; resolves once its thread has ended. */
  end(): Promise<void>;
}

interface LaneEars {
  message(message: FromLane): void;
  /** The thread has ended, and every message that it had posted has been heard. */
  ended(lane: Lane, why: string): void;
}

export interface LaneLimits {
  readonly budget: MemoryBudget;
  /** MiB of JavaScript heap, which no guest's memory counts in: over it the lane ends. */
  readonly heapMiB: number;
}

/** MiB. */
const STACK = 4;

/** Starts a spare lane. */
export function startLane(
  start: Omit<LaneStart, 'own' | 'budget'>,
  { budget, heapMiB }: LaneLimits,
  ears: LaneEars,
): Lane {
  const ownBuffer = new SharedArrayBuffer(LANE_WORDS * 4);
  const own = new Int32Array(ownBuffer);
  own[RESTING] = 1;
  const allowance = budget.forLane();
  const worker = new Worker(new URL('../lane/main.js', import.meta.url), {
    name: `banyan lane ${start.lane}`,
    workerData: { ...start, own: ownBuffer, budget: allowance } satisfies LaneStart,
    resourceLimits: { maxOldGenerationSizeMb: heapMiB, stackSizeMb: STACK },
    env: {},
    execArgv: [],
  });
  let state: LaneState = { state: 'spare', since: performance.now() };
  let why = 'its thread ended';

  const lane: Lane = {
    id: start.lane,
    startedAt: performance.now(),
    state: () => state,
    activate() {
      if (state.state !== 'spare') return;
      state = { state: 'working' };
      Atomics.store(own, ACTIVE, 1);
      Atomics.notify(own, ACTIVE);
    },
    isIdle: () => state.state === 'spare' && Atomics.load(own, RESTING) === 1,
    rest() {
      if (state.state !== 'working') return;
      state = { state: 'spare', since: performance.now() };
      Atomics.store(own, ACTIVE, 0);
    },
    wait() {
      if (state.state === 'working' || state.state === 'spare') state = { state: 'waiting' };
    },
    resume() {
      if (state.state !== 'waiting') return;
      state = { state: 'working' };
      Atomics.store(own, ACTIVE, 1);
    },
    tell(message) {
      if (state.state === 'ending' || state.state === 'ended') return;
      worker.postMessage(message);
      Atomics.add(own, POSTED, 1);
      // It may sleep on an answer.
      Atomics.notify(own, POSTED);
    },
    async end() {
      if (state.state !== 'ended') state = { state: 'ending' };
      await worker.terminate();
    },
  };

  worker.on('message', (message: FromLane) => {
    // Before the slots are looked at, so that a result that comes meanwhile tells of itself again.
    if (typeof message === 'number') Atomics.store(own, TOLD, 0);
    ears.message(message);
  });
  worker.on('error', (error: unknown) => {
    why = error instanceof Error ? error.message : String(error);
  });
  worker.on('exit', () => {
    state = { state: 'ended' };
    budget.laneEnded(allowance);
    ears.ended(lane, why);
  });
  return lane;
}
