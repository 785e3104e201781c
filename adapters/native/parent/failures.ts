import type { Stop } from '../../../src/domain/call.js';
import { describeExit, type Exit, failureFieldsOf } from '../../../src/domain/exit.js';
import type { Failure } from '../../../src/domain/failure.js';
import type { End } from './child-state.js';

/** Of the call that had begun when its process ended. */
export function crashed(end: End, exit: Exit): Failure {
  switch (end.cause) {
    case 'crash':
    case 'recycled':
      return {
        code: 'crashed',
        detail: `it ended by ${describeExit(exit)}`,
        ...failureFieldsOf(exit),
      };
    case 'protocol':
      return {
        code: 'crashed',
        detail: `the native process sent what is no answer: ${end.detail}`,
        ...failureFieldsOf(exit),
      };
    case 'timeout':
    case 'stuck':
    case 'load':
    case 'refused':
      return { code: 'crashed', detail: 'the native process was ended during the call', ...failureFieldsOf(exit) };
    case 'closed':
      return closed();
    default:
      return end satisfies never;
  }
}

/** Of a call that nobody waits for any more. */
export function stopped(stop: Stop, begun: boolean): Failure {
  switch (stop) {
    case 'timeout':
      return {
        code: 'timeout',
        detail: begun ? 'the function did not answer within its time' : 'the deadline passed before the call began',
        begun,
      };
    case 'cancelled':
      return { code: 'cancelled', detail: 'the caller hung up', begun };
    default:
      return stop satisfies never;
  }
}

export function closed(): Failure {
  return { code: 'unavailable', detail: 'the backend was closed', retryAfterMs: 1_000 };
}

export function unavailable(detail: string, retryAfterMs: number): Failure {
  return { code: 'unavailable', detail, retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) };
}
