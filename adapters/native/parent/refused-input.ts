import type { Call } from '../../../src/domain/call.js';
import type { Failure } from '../../../src/domain/failure.js';
import { BODY_MAX } from '../protocol/frames.js';
import { stopped } from './failures.js';

/** Why a call is not handed to a function at all; null when it may be. `text`: the function takes a C string. */
export function refusedInput(call: Call, text: boolean): Failure | null {
  if (call.stopped !== null) return stopped(call.stopped, false);
  if (call.input.length > BODY_MAX)
    return { code: 'input-too-large', detail: `a native function takes ${BODY_MAX} bytes at most`, limit: BODY_MAX };
  if (text && call.input.includes(0))
    return { code: 'bad-request', detail: 'the function takes a C string: the input must not contain a NUL byte' };
  return null;
}
