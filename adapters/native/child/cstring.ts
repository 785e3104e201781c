import { ANSWER } from '../protocol/frames.js';
import { libc } from './libc.js';
import type { Native } from './library/library.js';
import type { LastError } from './declared/life.js';
import { type Outgoing, postBadOutput } from './channel/outgoing.js';
import { NULL, type Pointer } from './pointer.js';
import type { Runner } from './runner.js';

export const CSTRING_TYPE = { result: 'void *', parameters: ['void *'] } as const;

/** `char *f(const char *)`; a body without NUL bytes is a C string where it lies in the inbox. NULL is an error. */
export function cstringRunner(
  native: Native,
  free: (memory: Pointer) => void,
  limit: number,
  lastError: LastError,
  outgoing: Outgoing,
): Runner {
  return (call) => {
    const text = native(call.body) as Pointer | null;
    if (text === null || text === NULL) {
      outgoing.postText(ANSWER.pluginError, call.sequence, lastError() ?? 'it returned NULL');
      return;
    }
    postString(text, call.sequence, limit, outgoing);
    free(text);
  };
}

/** Answers a C string; its end is looked for within the limit only. */
export function postString(text: Pointer, sequence: number, limit: number, outgoing: Outgoing): void {
  const length = libc.strnlen(text, limit + 1);
  if (length > limit) {
    outgoing.postText(ANSWER.outputTooLarge, sequence, '');
    return;
  }
  outgoing.setBody(text, length);
  if (!outgoing.postBody(ANSWER.ok, sequence, 0, length)) postBadOutput(outgoing, sequence, 'its text cannot be read');
}
