export interface RestartBudget {
  readonly max: number;
  readonly withinMs: number;
}

export interface Backoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/**
 * How soon a child may be restarted: the first at once, since a crash should cost its own call alone; further ones within
 * the window after an exponential delay with jitter, so that many gateways do not restart in step.
 */
export class RestartWindow {
  readonly #budget: RestartBudget;
  readonly #backoff: Backoff;
  readonly #random: () => number;
  #restarts: number[] = [];

  constructor(budget: RestartBudget, backoff: Backoff, random: () => number) {
    this.#budget = budget;
    this.#backoff = backoff;
    this.#random = random;
  }

  /** The delay before the next restart, in ms, which counts from here on; null when the budget is used up. */
  next(now: number): number | null {
    this.#restarts = this.#restarts.filter((at) => now - at < this.#budget.withinMs);
    const before = this.#restarts.length;
    if (before >= this.#budget.max) return null;
    this.#restarts.push(now);
    if (before === 0) return 0;
    const longest = Math.min(this.#backoff.maxMs, this.#backoff.baseMs * 2 ** (before - 1));
    return longest * (0.5 + 0.5 * this.#random());
  }

  clear(): void {
    this.#restarts = [];
  }
}
