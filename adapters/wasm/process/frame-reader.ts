import { type Frame, HEADER } from './frames.js';

const EMPTY = Buffer.alloc(0);

/** What came is no frame, or none that may come. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Cuts what the other side sends into frames, believing nothing: no length over its kind's limit is ever waited for. */
export class FrameReader {
  readonly #limits: readonly number[];
  readonly #onFrame: (frame: Frame) => void;
  readonly #header = Buffer.allocUnsafeSlow(HEADER);
  #have = 0;
  #body: Buffer | null = null;
  #filled = 0;

  /** `limits`: the longest body of each kind. */
  constructor(limits: readonly number[], onFrame: (frame: Frame) => void) {
    this.#limits = limits;
    this.#onFrame = onFrame;
  }

  /** Takes the next bytes over. Throws {@link ProtocolError}, and is of no use any more then. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body !== null) at += this.#gather(this.#body, chunk, at);
      else if (this.#have === 0 && chunk.length - at >= HEADER) at = this.#begin(chunk, at, chunk, at + HEADER);
      else {
        const copied = chunk.copy(this.#header, this.#have, at);
        at += copied;
        this.#have += copied;
        if (this.#have < HEADER) return;
        this.#have = 0;
        at = this.#begin(this.#header, 0, chunk, at);
      }
    }
  }

  /** The header lies at `header[from]`, what follows it at `chunk[at]`. Answers where in the chunk to go on. */
  #begin(header: Buffer, from: number, chunk: Buffer, at: number): number {
    const length = header.readUInt32LE(from);
    const kind = header.readUInt32LE(from + 8);
    const limit = this.#limits[kind];
    if (limit === undefined) throw new ProtocolError(`a frame of kind ${kind}`);
    if (length > limit) throw new ProtocolError(`a frame of ${length} bytes, where ${limit} are the limit`);
    if (chunk.length - at >= length) {
      this.#tell(header, from, length === 0 ? EMPTY : chunk.subarray(at, at + length));
      return at + length;
    }
    if (header !== this.#header) header.copy(this.#header, 0, from, from + HEADER);
    this.#body = Buffer.allocUnsafeSlow(length);
    this.#filled = 0;
    return at;
  }

  #gather(body: Buffer, chunk: Buffer, at: number): number {
    const copied = chunk.copy(body, this.#filled, at);
    this.#filled += copied;
    if (this.#filled === body.length) {
      this.#body = null;
      this.#tell(this.#header, 0, body);
    }
    return copied;
  }

  #tell(header: Buffer, from: number, body: Buffer): void {
    this.#onFrame({
      number: header.readUInt32LE(from + 4),
      kind: header.readUInt32LE(from + 8),
      detail: header.readInt32LE(from + 12),
      time: header.readDoubleLE(from + 16),
      body,
    });
  }
}
