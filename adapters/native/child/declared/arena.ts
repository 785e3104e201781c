import { roundUp } from './layout.js';
import { BadOutput, BadRequest } from './misfit.js';
import { allocate, type Memory } from './memory.js';
import { offset, type Pointer } from '../pointer.js';

const USUAL = 64 * 1024;
/** A larger chunk is given back after the call that needed it. */
const KEPT = 4 * 1024 * 1024;
const ALIGNMENT = 16;
/** Most bytes that the JSON body of one call may ask for. */
const MOST = 256 * 1024 * 1024;

/** A part of an arena: `at` is where it begins in `bytes` and `view`. Good until the reset. */
export interface Piece {
  readonly address: Pointer;
  readonly at: number;
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** Memory for the arguments of one call at a time, used again for the next. */
export class Arena {
  #chunk: Memory = allocate(USUAL);
  #used = 0;
  /** Up to here the chunk may hold something; behind it, it is as it was allocated: zeroed. */
  #written = 0;
  /** What the body of this call has asked for. */
  #asked = 0;
  /** Full ones, which C may still have addresses of. */
  readonly #full: Memory[] = [];

  /** So many zeroed bytes, aligned for every C type. Throws {@link BadOutput} when there is no memory. */
  take(size: number): Piece {
    if (this.#used + size > this.#chunk.bytes.length) this.#grow(size);
    const at = this.#used;
    // No two pieces begin in one place, empty ones included.
    this.#used = Math.min(this.#chunk.bytes.length, roundUp(at + size + 1, ALIGNMENT));
    const { address, bytes, view } = this.#chunk;
    if (at < this.#written) bytes.fill(0, at, Math.min(at + size, this.#written));
    this.#written = Math.max(this.#written, at + size);
    return { address: offset(address, at), at, bytes, view };
  }

  /** The same for what the body has at `pointer`. Throws {@link BadRequest} when the body asks for too much in all. */
  takeFor(pointer: string, size: number): Piece {
    this.#asked += size;
    if (this.#asked > MOST)
      throw new BadRequest(`the arguments of one call may take ${MOST} bytes, and with this they take more`, pointer);
    return this.take(size);
  }

  /** What the body has at `pointer` as a C string, in at least so many bytes. Throws {@link BadRequest} as well. */
  text(text: string, pointer: string, least = 0): Pointer {
    const piece = this.takeFor(pointer, Math.max(Buffer.byteLength(text) + 1, least));
    piece.bytes.write(text, piece.at);
    return piece.address;
  }

  /** Ends a call: what it had taken is free for the next. */
  reset(): void {
    this.#used = 0;
    this.#asked = 0;
    this.#full.length = 0;
    if (this.#chunk.bytes.length <= KEPT) return;
    this.#chunk = allocate(USUAL);
    this.#written = 0;
  }

  #grow(size: number): void {
    this.#full.push(this.#chunk);
    try {
      this.#chunk = allocate(Math.max(size, 2 * Math.min(this.#chunk.bytes.length, KEPT / 2)));
    } catch {
      throw new BadOutput(`there is no memory for the ${size} bytes that the call needs`);
    }
    this.#used = 0;
    this.#written = 0;
  }
}
