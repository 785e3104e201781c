import type { Writable } from 'node:stream';
import { CALL_HEADER, paddedLength } from '../protocol/frames.js';

const SLAB = 64 * 1024;
/** A body up to this size is copied beside its header; a larger one is written from where it lies. */
const COPIED = 8 * 1024;
const ZEROS = Buffer.alloc(16);

/** Collects the frames for one child and writes them once per turn of the event loop. */
export class Outbox {
  readonly #channel: Writable;
  readonly #flush = (): void => this.flush();
  #slab = Buffer.allocUnsafeSlow(SLAB);
  #written = 0;
  #used = 0;
  #parts: Uint8Array[] = [];
  #scheduled = false;

  constructor(channel: Writable) {
    this.#channel = channel;
  }

  add(sequence: number, index: number, deadline: number, body: Uint8Array): void {
    const length = body.length;
    const padding = paddedLength(length) - length;
    const beside = length <= COPIED;
    const at = this.#room(beside ? CALL_HEADER + length + padding : CALL_HEADER);
    const slab = this.#slab;
    slab.fill(0, at, at + CALL_HEADER);
    slab.writeUInt32LE(length, at);
    slab.writeUInt32LE(sequence, at + 4);
    slab.writeUInt32LE(index, at + 8);
    slab.writeDoubleLE(deadline, at + 16);
    if (beside) {
      slab.set(body, at + CALL_HEADER);
      slab.fill(0, at + CALL_HEADER + length, this.#used);
    } else {
      this.#cut();
      this.#parts.push(body, ZEROS.subarray(0, padding));
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Right after the poll phase: the calls of all requests that one poll brought go in one write.
    setImmediate(this.#flush);
  }

  flush(): void {
    this.#scheduled = false;
    this.#cut();
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    if (parts.length > 1) this.#channel.cork();
    for (const part of parts) this.#channel.write(part);
    if (parts.length > 1) this.#channel.uncork();
  }

  /** Where in the slab these bytes may go; they count as used. */
  #room(bytes: number): number {
    if (this.#used + bytes > SLAB) {
      this.#cut();
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#written = 0;
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += bytes;
    return at;
  }

  #cut(): void {
    if (this.#used > this.#written) this.#parts.push(this.#slab.subarray(this.#written, this.#used));
    this.#written = this.#used;
  }
}
