import { addressOf } from '../child/libc.js';
import type { Pointer } from '../child/pointer.js';

const USUAL = 64 * 1024;
/** Larger memory is given back by the next call. */
const KEPT = 4 * 1024 * 1024;

/** Where an input lies while a function has it: aligned for any C type, a NUL behind it, and nobody's but the function's. */
export class Arena {
  #memory = Buffer.allocUnsafeSlow(USUAL);
  #address = addressOf(this.#memory);

  /** Valid until the next one is placed. */
  place(input: Uint8Array): Pointer {
    const needed = input.length + 1;
    if (needed > this.#memory.length || (this.#memory.length > KEPT && needed <= KEPT)) this.#resize(needed);
    this.#memory.set(input);
    this.#memory[input.length] = 0;
    return this.#address;
  }

  /** The input that was placed last, of this length, as text. */
  text(length: number): string {
    return this.#memory.toString('utf8', 0, length);
  }

  #resize(needed: number): void {
    this.#memory = Buffer.allocUnsafeSlow(Math.max(needed, USUAL));
    this.#address = addressOf(this.#memory);
  }
}
