import type { AnswerKind } from '../../protocol/frames.js';
import { ANSWER } from '../../protocol/frames.js';
import type { Pointer } from '../pointer.js';

/**
 * Where a runner puts its call's one answer. A body is posted from where it lies: a `buffer` function gets `out` and
 * `outLength` as its own last two arguments.
 */
export interface Outgoing {
  /** Where a plugin puts the address of its output, and its length. */
  readonly out: Pointer;
  readonly outLength: Pointer;
  readonly body: Pointer;
  /** As said by the plugin; exact below 2^53, and only compared above. */
  readonly bodyLength: number;
  /** Forgets the output of the call before, which a failing function might leave in place. */
  clear(): void;
  setBody(at: Pointer, length: number): void;
  /** Posts what `body` points to. False, and nothing posted, when no memory lies there. */
  postBody(kind: AnswerKind, sequence: number, status: number, length: number): boolean;
  postBytes(kind: AnswerKind, sequence: number, status: number, bytes: Uint8Array): void;
  postText(kind: AnswerKind, sequence: number, text: string): void;
}

/** What a function did with its call, when the answer is not the plugin's own memory. */
export function postBadOutput(outgoing: Outgoing, sequence: number, detail: string): void {
  outgoing.postText(ANSWER.badOutput, sequence, detail);
}
