import { runInNewContext } from 'node:vm';
import type { MemoryAllowance } from '../memory-budget.js';

/** Memories of dropped instances, at most, that wait to be collected. */
const MOST = 512;

export interface Garbage {
  /** So many memories are referred to by nothing from now on; they count until they are collected. */
  dropped(memories: number): void;
  /** Whether there is nothing to collect. */
  isEmpty(): boolean;
  collect(): void;
}

/**
 * Sees to it that memories of dropped instances are let go. Each reserves some 10 GB of address space, of which a process has
 * enough for some 13,000; the engine collects by bytes that are used, and a lane's engine does not know of the other lanes.
 */
export function makeGarbage(allowance: MemoryAllowance): Garbage {
  let waiting = 0;
  let collector: (() => void) | null = null;

  const collect = (): void => {
    if (waiting === 0) return;
    collector ??= engineCollector();
    collector();
    // It takes some milliseconds more to give the addresses back, beside this thread: the budget allows for it.
    allowance.giveBack(waiting);
    waiting = 0;
  };

  return {
    dropped(memories) {
      waiting += memories;
      if (waiting >= MOST) collect();
    },
    isEmpty: () => waiting === 0,
    collect,
  };
}

/** The engine shows it to contexts that are made after the gateway has set `--expose-gc`: `lanes.ts` has. */
function engineCollector(): () => void {
  return runInNewContext('gc') as () => void;
}
