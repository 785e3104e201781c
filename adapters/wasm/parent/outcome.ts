import type { Stop } from '../../../src/domain/call.js';
import { Failed, type Failure } from '../../../src/domain/failure.js';
import {
  ANSWERED,
  EXPIRED,
  OUTCOME,
  OUTPUT_LENGTH,
  OVER_OUTPUT_LIMIT,
  REPORTED_ERROR,
  STATUS,
  TRAPPED,
  UNLOADED,
} from '../slots.js';

/** Milliseconds after which another backend may have taken the place of one that is closed. */
const RETRY_AFTER_CLOSE = 1_000;

export function failed(failure: Failure, cause?: unknown): Failed {
  return new Failed(failure, 'wasm', { cause });
}

/** Why a call that is done has no reply; null for one that has. `at` is its slot's first word, `bytes` its body. */
export function failureIn(words: Int32Array, at: number, bytes: Uint8Array, outputLimit: number): Failure | null {
  const outcome = words[at + OUTCOME];
  const length = (words[at + OUTPUT_LENGTH] ?? 0) >>> 0;
  switch (outcome) {
    case ANSWERED:
      return null;
    case REPORTED_ERROR: {
      const status = words[at + STATUS] ?? 0;
      const text = decode(bytes, length);
      return { code: 'plugin-error', detail: text === '' ? `it returned status ${status}` : text, status };
    }
    case TRAPPED:
      return { code: 'trapped', detail: decode(bytes, length) };
    case OVER_OUTPUT_LIMIT:
      return {
        code: 'output-too-large',
        detail: `its output is ${length} bytes, over the limit of ${outputLimit}`,
        limit: outputLimit,
      };
    case EXPIRED:
      return stopped('timeout', false);
    case UNLOADED:
      return closed();
    default:
      throw new RangeError(`a lane wrote the unknown outcome ${String(outcome)}`);
  }
}

/** Of a call that nobody waits for any more. */
export function stopped(stop: Stop, begun: boolean): Failure {
  switch (stop) {
    case 'timeout':
      return {
        code: 'timeout',
        detail: begun ? 'its deadline passed while it ran' : 'its deadline passed before a lane was free',
        begun,
      };
    case 'cancelled':
      return {
        code: 'cancelled',
        detail: begun ? 'its caller hung up while it ran' : 'its caller hung up before it began',
        begun,
      };
    default:
      return stop satisfies never;
  }
}

export function closed(): Failure {
  return { code: 'unavailable', detail: 'the backend is closed', retryAfterMs: RETRY_AFTER_CLOSE };
}

const decoder = new TextDecoder();

/** A copy first: the bytes are shared. */
function decode(bytes: Uint8Array, length: number): string {
  return decoder.decode(bytes.slice(0, length));
}
