import { Errno } from './errno.js';

const REALTIME = 0;
const MONOTONIC = 1;
const PROCESS_CPU_TIME = 2;
const THREAD_CPU_TIME = 3;

const MILLISECOND = 1_000_000n;

export interface Clocks {
  /** Nanoseconds on the clock that a guest names. */
  now(clock: number): bigint;
  /** Nanoseconds between two readings that differ. */
  resolution(clock: number): bigint;
}

/**
 * The clocks of one instance. CPU time is the time since it was made: how much the gateway uses is none of its business,
 * and a lane does nothing beside it while it runs.
 */
export function makeClocks(): Clocks {
  const madeAt = process.hrtime.bigint();

  return {
    now(clock) {
      switch (clock) {
        case REALTIME:
          return BigInt(Date.now()) * MILLISECOND;
        case MONOTONIC:
          return process.hrtime.bigint();
        case PROCESS_CPU_TIME:
        case THREAD_CPU_TIME:
          return process.hrtime.bigint() - madeAt;
        default:
          throw new Errno('EINVAL');
      }
    },
    resolution(clock) {
      if (clock === REALTIME) return MILLISECOND;
      if (clock >= MONOTONIC && clock <= THREAD_CPU_TIME) return 1n;
      throw new Errno('EINVAL');
    },
  };
}
