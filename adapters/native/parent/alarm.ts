/** The longest delay that a timer takes. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** One point in time, however far, at which something is to be done; a new one takes the place of the one before. */
export class Alarm {
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `at` is on the clock that was given; what has passed is done at once. */
  set(at: number, ring: () => void): void {
    this.clear();
    const left = at - this.#now();
    if (left <= 0) ring();
    else this.#timer = setTimeout(() => this.set(at, ring), Math.min(left, LONGEST_TIMER));
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
