/**
 * How many wasm memories all lanes together may hold: each reserves 10 GiB of address space, whatever its size, and a
 * process of 128 TiB has no room for more than some 13,000. The count is in memory that gateway and lanes share.
 */

/** Words that all lanes share. */
const HELD = 0;
/** Set once. */
const MOST = 1;
/** What one lane should keep to, so that each of those that work has the same. */
const SHARE = 2;
const WORDS = 3;

/** What a lane gets: the words of all, and one that says what this lane holds of them. */
export interface BudgetBuffers {
  readonly all: SharedArrayBuffer;
  readonly own: SharedArrayBuffer;
}

/** The gateway's side. */
export interface MemoryBudget {
  /** For a lane that is to be started. */
  forLane(): BudgetBuffers;
  /** A lane has ended, and its memories with it. */
  laneEnded(lane: BudgetBuffers): void;
  /** So many lanes work. */
  divideAmong(lanes: number): void;
  /** Memories that the lanes hold. */
  held(): number;
}

export function makeMemoryBudget(most: number): MemoryBudget {
  const all = new SharedArrayBuffer(WORDS * 4);
  const words = new Int32Array(all);
  words[MOST] = most;
  words[SHARE] = most;
  return {
    forLane: () => ({ all, own: new SharedArrayBuffer(4) }),
    laneEnded({ own }) {
      Atomics.sub(words, HELD, Atomics.exchange(new Int32Array(own), 0, 0));
    },
    divideAmong(lanes) {
      Atomics.store(words, SHARE, Math.floor(most / Math.max(1, lanes)));
    },
    held: () => Atomics.load(words, HELD),
  };
}

/** A lane's side. */
export interface MemoryAllowance {
  /** Counts memories that are about to be made; answers false, and counts nothing, when there would be too many. */
  take(memories: number): boolean;
  /** Counts them in any case: a lane that holds none has to be able to run a call. */
  takeAnyway(memories: number): void;
  /** They are gone. */
  giveBack(memories: number): void;
  /** Whether this lane holds more than its share while there is nothing left for others. */
  isDue(): boolean;
}

export function memoryAllowance(buffers: BudgetBuffers): MemoryAllowance {
  const all = new Int32Array(buffers.all);
  const own = new Int32Array(buffers.own);

  /** A lane that is ended in between leaves what it took counted for good: too many rather than too few. */
  const add = (memories: number): number => {
    const before = Atomics.add(all, HELD, memories);
    Atomics.add(own, 0, memories);
    return before;
  };

  return {
    take(memories) {
      if (Atomics.load(own, 0) + memories > Atomics.load(all, SHARE)) return false;
      if (add(memories) + memories <= Atomics.load(all, MOST)) return true;
      add(-memories);
      return false;
    },
    takeAnyway: (memories) => void add(memories),
    giveBack: (memories) => void add(-memories),
    isDue: () => Atomics.load(all, HELD) >= Atomics.load(all, MOST) && Atomics.load(own, 0) > Atomics.load(all, SHARE),
  };
}
