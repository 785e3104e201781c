import { BODY_MAX, CALL_HEADER, paddedLength } from '../../protocol/frames.js';
import { addressOf, errno, libc } from '../libc.js';
import { offset, type Pointer } from '../pointer.js';
import { waitUntil } from './wait.js';

const USUAL = 256 * 1024;
/** A larger buffer is given back after the call that needed it. */
const KEPT = 4 * 1024 * 1024;

/** One call as it lies in the inbox: valid until the next one is asked for. A NUL follows its body. */
export interface Incoming {
  sequence: number;
  function: number;
  deadline: number;
  body: Pointer;
  length: number;
}

/**
 * Reads frames with blocking reads on the main thread: a child does nothing else, and what it has read ahead is run
 * elsewhere after its death, since the gateway keeps every input until its answer.
 */
export class Inbox {
  readonly #fd: number;
  readonly #incoming: Incoming = { sequence: 0, function: 0, deadline: 0, body: 0n as Pointer, length: 0 };
  #memory = Buffer.allocUnsafeSlow(USUAL);
  #address = addressOf(this.#memory);
  #view = new DataView(this.#memory.buffer);
  #start = 0;
  #end = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** The next call; null when the gateway has closed its end. */
  next(): Incoming | null {
    if (!this.#have(CALL_HEADER)) return null;
    const length = this.#view.getUint32(this.#start, true);
    if (length > BODY_MAX) throw new Error(`a frame of ${length} bytes`);
    const whole = CALL_HEADER + paddedLength(length);
    if (!this.#have(whole)) return null;

    const at = this.#start;
    const incoming = this.#incoming;
    incoming.sequence = this.#view.getUint32(at + 4, true);
    incoming.function = this.#view.getUint32(at + 8, true);
    incoming.deadline = this.#view.getFloat64(at + 16, true);
    incoming.body = offset(this.#address, at + CALL_HEADER);
    incoming.length = length;
    this.#start = at + whole;
    return incoming;
  }

  /** A call's body as text, for those who need it in JavaScript. */
  text(incoming: Incoming): string {
    const at = this.#start - paddedLength(incoming.length);
    return this.#memory.toString('utf8', at, at + incoming.length);
  }

  /** A call's body where it lies; valid until the next call is asked for. */
  bytes(incoming: Incoming): Buffer {
    const at = this.#start - paddedLength(incoming.length);
    return this.#memory.subarray(at, at + incoming.length);
  }

  #have(bytes: number): boolean {
    while (this.#end - this.#start < bytes) {
      if (this.#start + bytes > this.#memory.length) this.#makeRoom(bytes);
      const read = libc.read(this.#fd, offset(this.#address, this.#end), this.#memory.length - this.#end);
      if (read > 0) this.#end += read;
      else if (read === 0) return false;
      else waitUntil('readable', this.#fd, errno());
    }
    return true;
  }

  /** Moves what is unread to the front, which keeps frames aligned, into a buffer of another size if need be. */
  #makeRoom(bytes: number): void {
    const rest = this.#memory.subarray(this.#start, this.#end);
    const size = Math.max(bytes, USUAL);
    const fits = size <= this.#memory.length && this.#memory.length <= KEPT;
    if (fits) {
      this.#memory.copyWithin(0, this.#start, this.#end);
    } else {
      this.#memory = Buffer.allocUnsafeSlow(Math.max(size, rest.length));
      rest.copy(this.#memory);
      this.#address = addressOf(this.#memory);
      this.#view = new DataView(this.#memory.buffer);
    }
    this.#start = 0;
    this.#end = rest.length;
  }
}
