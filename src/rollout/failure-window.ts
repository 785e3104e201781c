import { amount, figure } from '../domain/figure.js';
import type { TripRule } from '../domain/trip.js';

/** The window slides by twentieths. */
const SLOTS = 20;

/** What a trip rule without a share is shown by. Milliseconds. */
const SHOWN_MS = 10_000;

/** What a window holds: calls and failures within `window` milliseconds, and failures in a row. */
export interface FailureFigures {
  readonly calls: number;
  readonly failures: number;
  readonly window: number;
  readonly consecutive: number;
}

/**
 * Calls and failures of one function within a sliding window, and failures in a row. Counting a success costs a look at
 * the time and a write; nothing grows with the number of calls.
 */
export class FailureWindow {
  readonly windowMs: number;
  readonly #rule: TripRule;
  readonly #slotMs: number;
  readonly #calls = new Float64Array(SLOTS);
  readonly #failures = new Float64Array(SLOTS);
  #slot = 0;
  /** When the present slot is over. */
  #slotEnd: number;
  #row = 0;

  /** Times are milliseconds on any clock that does not go back. */
  constructor(rule: TripRule, now: number) {
    this.#rule = rule;
    this.windowMs = rule.share?.withinMs ?? SHOWN_MS;
    this.#slotMs = this.windowMs / SLOTS;
    this.#slotEnd = now + this.#slotMs;
  }

  success(now: number): void {
    if (now >= this.#slotEnd) this.#slide(now);
    this.#calls[this.#slot] = (this.#calls[this.#slot] ?? 0) + 1;
    this.#row = 0;
  }

  /** Answers why the rule says that this is enough; null: it does not. */
  failure(now: number): string | null {
    if (now >= this.#slotEnd) this.#slide(now);
    this.#calls[this.#slot] = (this.#calls[this.#slot] ?? 0) + 1;
    this.#failures[this.#slot] = (this.#failures[this.#slot] ?? 0) + 1;
    this.#row += 1;
    const { consecutive, share } = this.#rule;
    if (consecutive !== null && this.#row >= consecutive) return `${amount(this.#row, 'failure')} in a row`;
    if (share === null) return null;
    const { calls, failures } = this.figures();
    if (calls < share.calls || failures * 100 < share.percent * calls) return null;
    return `${figure(failures)} of ${amount(calls, 'call')} failed within ${figure(this.windowMs / 1_000)} s`;
  }

  figures(): FailureFigures {
    const sum = (counts: Float64Array): number => counts.reduce((total, count) => total + count, 0);
    return { calls: sum(this.#calls), failures: sum(this.#failures), window: this.windowMs, consecutive: this.#row };
  }

  clear(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
    this.#row = 0;
  }

  /** Empties the slots whose time has passed. */
  #slide(now: number): void {
    const steps = Math.floor((now - this.#slotEnd) / this.#slotMs) + 1;
    for (let step = 0; step < Math.min(steps, SLOTS); step++) {
      this.#slot = (this.#slot + 1) % SLOTS;
      this.#calls[this.#slot] = 0;
      this.#failures[this.#slot] = 0;
    }
    this.#slotEnd += steps * this.#slotMs;
  }
}
