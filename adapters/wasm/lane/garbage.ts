import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Memories of dropped instances, at most, that wait to be collected, however many instances are kept. */
const MOST = 512;

export interface Garbage {
  /** So many memories are referred to by nothing from now on. Collects once there are too many. */
  dropped(memories: number): void;
  /** Collects what there is: for when no call waits. */
  collect(): void;
}

/**
 * Sees to it that memories of dropped instances are let go. Each reserves some 10 GB of address space, of which a process has
 * enough for some 13,000; the engine collects by bytes that are used, and a lane's engine does not know of the other lanes.
 */
export function makeGarbage(most: number): Garbage {
  const bound = Math.max(8, Math.min(MOST, most));
  let waiting = 0;
  let collector: (() => void) | null = null;

  const collect = (): void => {
    if (waiting === 0) return;
    waiting = 0;
    collector ??= engineCollector();
    collector();
  };

  return {
    dropped(memories) {
      waiting += memories;
      if (waiting >= bound) collect();
    },
    collect,
  };
}

/** The engine shows it to contexts that are made after the flag is set. */
function engineCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
