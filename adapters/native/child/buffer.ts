import { ANSWER } from '../protocol/frames.js';
import type { Native } from './library.js';
import type { Outgoing } from './outgoing.js';
import { NULL, type Pointer } from './pointer.js';
import type { Runner } from './runner.js';

/** Most of a failing plugin's text that is passed on. */
const TEXT_KEPT = 1024;

export const BUFFER_TYPE = { result: 'int32_t', parameters: ['void *', 'size_t', 'void *', 'void *'] } as const;

/** `int32_t f(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)`. */
export function bufferRunner(
  native: Native,
  free: (memory: Pointer) => void,
  limit: number,
  outgoing: Outgoing,
): Runner {
  return (call) => {
    outgoing.clear();
    const status = native(call.body, call.length, outgoing.out, outgoing.outLength) as number;
    const output = outgoing.body;
    const length = outgoing.bodyLength;
    const readable = status === 0 ? answer(call.sequence, output, length) : fail(call.sequence, status, output, length);
    // Posted first: should the plugin's allocator crash, its answer is safe. What cannot be read was never allocated.
    if (output !== NULL && readable) free(output);
  };

  function answer(sequence: number, output: Pointer, length: number): boolean {
    if (length > limit) {
      outgoing.postText(ANSWER.outputTooLarge, sequence, '');
      return true;
    }
    if (output === NULL && length > 0) {
      outgoing.postText(ANSWER.badOutput, sequence, `it answered ${length} bytes at NULL`);
      return true;
    }
    if (outgoing.postBody(ANSWER.ok, sequence, 0, length)) return true;
    outgoing.postText(ANSWER.badOutput, sequence, `it answered ${length} bytes where no memory is`);
    return false;
  }

  function fail(sequence: number, status: number, output: Pointer, length: number): boolean {
    if (output === NULL || length === 0 || length > limit) {
      outgoing.postBytes(ANSWER.pluginError, sequence, status, new Uint8Array(0));
      return true;
    }
    const kept = Math.min(length, TEXT_KEPT);
    outgoing.setBody(output, kept);
    if (outgoing.postBody(ANSWER.pluginError, sequence, status, kept)) return true;
    outgoing.postBytes(ANSWER.pluginError, sequence, status, new Uint8Array(0));
    return false;
  }
}
