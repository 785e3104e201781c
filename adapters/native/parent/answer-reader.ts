import { ANSWER, ANSWER_HEADER, type AnswerKind, TEXT_MAX } from '../protocol/frames.js';

const EMPTY = Buffer.alloc(0);
const KINDS: ReadonlySet<number> = new Set(Object.values(ANSWER));

export interface Answer {
  readonly sequence: number;
  readonly kind: AnswerKind;
  readonly status: number;
  /** The receiver's own: a part of what was read, or gathered for it. */
  readonly body: Buffer;
}

/** What a child sent is no answer. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Cuts what a child sends into answers, believing nothing: no length over its limit is ever waited for. */
export class AnswerReader {
  readonly #outputLimit: number;
  readonly #onAnswer: (answer: Answer) => void;
  readonly #header = Buffer.allocUnsafeSlow(ANSWER_HEADER);
  #have = 0;
  #body: Buffer | null = null;
  #filled = 0;

  constructor(outputLimit: number, onAnswer: (answer: Answer) => void) {
    this.#outputLimit = outputLimit;
    this.#onAnswer = onAnswer;
  }

  /** Takes the next bytes over. Throws {@link ProtocolError}, and is of no use any more then. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body !== null) at += this.#gather(this.#body, chunk, at);
      else if (this.#have === 0 && chunk.length - at >= ANSWER_HEADER)
        at = this.#begin(chunk, at, chunk, at + ANSWER_HEADER);
      else {
        const copied = chunk.copy(this.#header, this.#have, at);
        at += copied;
        this.#have += copied;
        if (this.#have < ANSWER_HEADER) return;
        this.#have = 0;
        at = this.#begin(this.#header, 0, chunk, at);
      }
    }
  }

  /** The header lies at `header[from]`, what follows it at `chunk[at]`. Answers where in the chunk to go on. */
  #begin(header: Buffer, from: number, chunk: Buffer, at: number): number {
    const length = header.readUInt32LE(from);
    const sequence = header.readUInt32LE(from + 4);
    const kind = header.readUInt32LE(from + 8);
    const status = header.readInt32LE(from + 12);
    if (!isKind(kind)) throw new ProtocolError(`an answer of kind ${kind}`);
    const limit = kind === ANSWER.ok ? this.#outputLimit : TEXT_MAX;
    if (length > limit) throw new ProtocolError(`an answer of ${length} bytes, where ${limit} are the limit`);

    if (chunk.length - at >= length) {
      this.#onAnswer({ sequence, kind, status, body: length === 0 ? EMPTY : chunk.subarray(at, at + length) });
      return at + length;
    }
    if (header !== this.#header) header.copy(this.#header, 0, from, from + ANSWER_HEADER);
    this.#body = Buffer.allocUnsafeSlow(length);
    this.#filled = 0;
    return at;
  }

  #gather(body: Buffer, chunk: Buffer, at: number): number {
    const copied = chunk.copy(body, this.#filled, at);
    this.#filled += copied;
    if (this.#filled === body.length) {
      this.#body = null;
      const kind = this.#header.readUInt32LE(8) as AnswerKind;
      this.#onAnswer({ sequence: this.#header.readUInt32LE(4), kind, status: this.#header.readInt32LE(12), body });
    }
    return copied;
  }
}

function isKind(kind: number): kind is AnswerKind {
  return KINDS.has(kind);
}
