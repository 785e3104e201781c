/** How much of the time the main loop was busy since the last question, 0 to 1. */
export type Utilization = () => number;

interface SpareOptions {
  readonly utilization?: Utilization;
  readonly now?: () => number;
  /** A number in [0, 1). */
  readonly random?: () => number;
}

/** Whether there is capacity that no primary call wants. */
export interface Spare {
  admits(): boolean;
}

/** Milliseconds between two looks: long enough to be a mean, short enough to make way for a burst. */
const LOOK_EVERY = 50;
/** After so long a look back says nothing about now, such as how busy the start was. */
const STALE = 500;
/** Busier than this, the loop is where calls queue. */
const BUSY = 0.85;
/** What is admitted even then, so that evidence does not stop under load. */
const LEAST = 0.01;
/** What more is admitted after each look that found room. */
const STEP = 0.1;

/**
 * Admits mirrored calls while the main loop, which every call has to pass, has time left: half as many after each look
 * that found it busy, a tenth more after each that did not (as congestion windows are moved, RFC 5681).
 */
export function createSpare(options: SpareOptions = {}): Spare {
  const { utilization = loopUtilization(), now = () => performance.now(), random = Math.random } = options;
  let share = 1;
  let lookedAt = now();
  return {
    admits() {
      const sinceLook = now() - lookedAt;
      if (sinceLook >= LOOK_EVERY) {
        lookedAt = now();
        const busy = utilization() > BUSY;
        if (sinceLook >= STALE) share = 1;
        else share = busy ? Math.max(LEAST, share / 2) : Math.min(1, share + STEP);
      }
      return share === 1 || random() < share;
    },
  };
}

function loopUtilization(): Utilization {
  let before = performance.eventLoopUtilization();
  return () => {
    const sinceStart = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(sinceStart, before);
    before = sinceStart;
    return utilization;
  };
}
