import type { Outgoing } from '../child/channel/outgoing.js';
import { addressOf, findInProcess } from '../child/libc.js';
import { offset, type Pointer } from '../child/pointer.js';
import type { Answer } from '../parent/answer-reader.js';
import type { AnswerKind } from '../protocol/frames.js';

/** A longer output gets memory of its own: in the shared pool it would keep others' alive, and they it. */
const POOLED = 1024;

const copy = findInProcess('memcpy', 'void', ['void *', 'void *', 'size_t']);

/**
 * Keeps the answer that a runner posts for whoever made the call: one copy, from the plugin's memory into memory of this
 * runtime's, since the plugin's is freed right afterwards. An address that the plugin invented ends the process here.
 */
export class CopyingOutgoing implements Outgoing {
  readonly #memory = new BigUint64Array(2);
  // Makes the runtime give the array memory that stays where it is, too.
  readonly #words = new Uint32Array(this.#memory.buffer);
  readonly out: Pointer = addressOf(this.#memory);
  readonly outLength: Pointer = offset(this.out, 8);
  #answer: Answer | null = null;

  /** The answer that was posted last, once. Throws when there is none: every runner posts one. */
  take(): Answer {
    const answer = this.#answer;
    if (answer === null) throw new Error('a call was not answered');
    this.#answer = null;
    return answer;
  }

  clear(): void {
    this.#memory[0] = 0n;
    this.#memory[1] = 0n;
  }

  get body(): Pointer {
    return this.#memory[0] as Pointer;
  }

  get bodyLength(): number {
    return (this.#words[3] ?? 0) * 0x1_0000_0000 + (this.#words[2] ?? 0);
  }

  setBody(at: Pointer, length: number): void {
    this.#memory[0] = at;
    this.#memory[1] = BigInt(length);
  }

  postBody(kind: AnswerKind, sequence: number, status: number, length: number): true {
    const body = length > POOLED ? Buffer.allocUnsafeSlow(length) : Buffer.allocUnsafe(length);
    if (length > 0) copy?.(body, this.body, length);
    this.#answer = { sequence, kind, status, body };
    return true;
  }

  postBytes(kind: AnswerKind, sequence: number, status: number, bytes: Uint8Array): void {
    this.#answer = { sequence, kind, status, body: Buffer.from(bytes) };
  }

  postText(kind: AnswerKind, sequence: number, text: string): void {
    this.#answer = { sequence, kind, status: 0, body: Buffer.from(text) };
  }
}
