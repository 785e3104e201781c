import { ANSWER_HEADER, type AnswerKind } from '../../protocol/frames.js';
import { addressOf, errno, ERRNO, libc } from '../libc.js';
import type { Outgoing } from './outgoing.js';
import { offset, type Pointer } from '../pointer.js';
import { waitUntil } from './wait.js';

const EMPTY = new Uint8Array(0);

/**
 * Posts answers, each by itself and whole before the next call begins, so that no crash can take one along.
 *
 * Two I/O vectors lie in memory whose address never changes: the header's, and the body's. A `buffer` function gets the
 * second one's two fields as its `out` and `out_len`, so that its output goes to the socket from where it lies.
 */
export class SocketOutgoing implements Outgoing {
  readonly #fd: number;
  readonly #memory = new BigUint64Array(6);
  readonly #words = new Uint32Array(this.#memory.buffer);
  readonly #vectors: Pointer = addressOf(this.#memory);
  /** Where a plugin puts the address of its output, and its length. */
  readonly out: Pointer = offset(this.#vectors, 16);
  readonly outLength: Pointer = offset(this.#vectors, 24);

  constructor(fd: number) {
    this.#fd = fd;
    this.#memory[0] = offset(this.#vectors, 32);
    this.#memory[1] = BigInt(ANSWER_HEADER);
  }

  /** Forgets the output of the call before, which a failing function might leave in place. */
  clear(): void {
    this.#memory[2] = 0n;
    this.#memory[3] = 0n;
  }

  get body(): Pointer {
    return this.#memory[2] as Pointer;
  }

  /** As said by the plugin; exact below 2^53, and only compared above. */
  get bodyLength(): number {
    return (this.#words[7] ?? 0) * 0x1_0000_0000 + (this.#words[6] ?? 0);
  }

  setBody(at: Pointer, length: number): void {
    this.#memory[2] = at;
    this.#memory[3] = BigInt(length);
  }

  postBytes(kind: AnswerKind, sequence: number, status: number, bytes: Uint8Array): void {
    if (bytes.length > 0) this.setBody(addressOf(bytes), bytes.length);
    else this.clear();
    this.postBody(kind, sequence, status, bytes.length);
  }

  postText(kind: AnswerKind, sequence: number, text: string): void {
    this.postBytes(kind, sequence, 0, text === '' ? EMPTY : new TextEncoder().encode(text));
  }

  /** Posts what `body` points to. False, and nothing posted, when no memory lies there. */
  postBody(kind: AnswerKind, sequence: number, status: number, length: number): boolean {
    this.#words[8] = length;
    this.#words[9] = sequence;
    this.#words[10] = kind;
    this.#words[11] = status;
    const whole = ANSWER_HEADER + length;
    let sent = 0;
    while (sent === 0) {
      const wrote = libc.writev(this.#fd, this.#vectors, 2);
      if (wrote > 0) sent = wrote;
      else if (errno() === ERRNO.EFAULT) return false;
      else waitUntil('writable', this.#fd, errno());
    }
    while (sent < whole) sent += this.#writeFrom(sent, whole);
    return true;
  }

  #writeFrom(sent: number, whole: number): number {
    const wrote =
      sent < ANSWER_HEADER
        ? libc.write(this.#fd, offset(this.#vectors, 32 + sent), ANSWER_HEADER - sent)
        : libc.write(this.#fd, offset(this.body, sent - ANSWER_HEADER), whole - sent);
    if (wrote > 0) return wrote;
    // A part is out and the rest is no memory: reading it would have ended the process, so that is what happens.
    if (errno() === ERRNO.EFAULT) process.kill(process.pid, 'SIGSEGV');
    waitUntil('writable', this.#fd, errno());
    return 0;
  }
}
