/**
 * Random numbers of one run of a fuzz: the same for the same seed and number of the run, on every machine. A generator
 * as fast-check takes it, too (sfc32 by Chris Doty-Humphrey, seeded by splitmix32).
 */
export class Draws {
  #a = 0;
  #b = 0;
  #c = 0;
  #count = 1;

  /** Begins the numbers of a run anew. */
  begin(seed: number, run: number): this {
    let state = (seed ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b) ^ Math.imul(run + 1, 0x9e3779b9)) | 0;
    const mixed = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = mixed();
    this.#b = mixed();
    this.#c = mixed() ^ run;
    this.#count = 1;
    for (let turn = 0; turn < 8; turn++) this.next();
    return this;
  }

  /** 32 random bits, as a signed number. */
  next(): number {
    const result = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result;
  }

  /** A whole number from 0 to below `limit`, which is at most 2^32. */
  below(limit: number): number {
    return Math.floor(((this.next() >>> 0) / 2 ** 32) * limit);
  }

  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of these, of which there is at least one. */
  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new RangeError('there is nothing to pick from');
    return picked;
  }

  clone(): Draws {
    const copy = new Draws();
    copy.#a = this.#a;
    copy.#b = this.#b;
    copy.#c = this.#c;
    copy.#count = this.#count;
    return copy;
  }

  getState(): readonly number[] {
    return [this.#a, this.#b, this.#c, this.#count];
  }
}
