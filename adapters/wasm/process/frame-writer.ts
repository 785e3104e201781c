import { HEADER } from './frames.js';

const SLAB = 64 * 1024;
/** A body up to this size is copied beside its header; a larger one is written from where it lies. */
const COPIED = 8 * 1024;
const EMPTY = new Uint8Array(0);

interface Outgoing {
  readonly number: number;
  readonly kind: number;
  readonly detail?: number;
  readonly time?: number;
  readonly body?: Uint8Array;
}

/** Collects frames and writes those of one turn at once. */
export class FrameWriter {
  readonly #write: (parts: readonly Uint8Array[]) => void;
  readonly #later: (flush: () => void) => void;
  readonly #flush = (): void => this.flush();
  #slab = Buffer.allocUnsafeSlow(SLAB);
  #written = 0;
  #used = 0;
  #parts: Uint8Array[] = [];
  #scheduled = false;

  /** `later` says what a turn is: it calls what it gets when the turn is over. */
  constructor(write: (parts: readonly Uint8Array[]) => void, later: (flush: () => void) => void) {
    this.#write = write;
    this.#later = later;
  }

  add({ number, kind, detail = 0, time = 0, body = EMPTY }: Outgoing): void {
    const beside = body.length <= COPIED;
    const at = this.#room(beside ? HEADER + body.length : HEADER);
    const slab = this.#slab;
    slab.writeUInt32LE(body.length, at);
    slab.writeUInt32LE(number, at + 4);
    slab.writeUInt32LE(kind, at + 8);
    slab.writeInt32LE(detail, at + 12);
    slab.writeDoubleLE(time, at + 16);
    if (beside) slab.set(body, at + HEADER);
    else {
      this.#cut();
      this.#parts.push(body);
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#later(this.#flush);
  }

  flush(): void {
    this.#scheduled = false;
    this.#cut();
    const parts = this.#parts;
    if (parts.length === 0) return;
    this.#parts = [];
    this.#write(parts);
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
