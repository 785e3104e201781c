import type { Call } from '../domain/call.js';

const TICK_MS = 4;
const SLOTS = 1024;

/** A place in the wheel; given back by {@link Deadlines.cancel}. */
export interface DeadlineEntry {
  readonly call: Call;
  readonly slot: number;
  previous: DeadlineEntry | null;
  next: DeadlineEntry | null;
}

/**
 * One hashed timer wheel for all calls: arming and cancelling are a few assignments, where an AbortController per call
 * costs microseconds. A call is stopped at its deadline or up to two ticks (8 ms) later, never before.
 */
export class Deadlines {
  readonly #slots: (DeadlineEntry | null)[] = new Array<DeadlineEntry | null>(SLOTS).fill(null);
  readonly #now: () => number;
  #armed = 0;
  #timer: NodeJS.Timeout | null = null;
  #tick = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Promises `call.stop('timeout')` soon after the call's deadline, unless cancelled before. */
  arm(call: Call): DeadlineEntry {
    if (this.#timer === null) this.#start();
    // The slot after the deadline's own tick: when the hand reaches it, the deadline has passed.
    const slot = (Math.floor(call.deadline / TICK_MS) + 1) % SLOTS;
    const next = this.#slots[slot] ?? null;
    const entry: DeadlineEntry = { call, slot, previous: null, next };
    if (next !== null) next.previous = entry;
    this.#slots[slot] = entry;
    this.#armed += 1;
    return entry;
  }

  cancel(entry: DeadlineEntry): void {
    if (entry.previous === null) {
      if (this.#slots[entry.slot] !== entry) return;
      this.#slots[entry.slot] = entry.next;
    } else {
      entry.previous.next = entry.next;
    }
    if (entry.next !== null) entry.next.previous = entry.previous;
    entry.previous = entry.next = null;
    this.#armed -= 1;
  }

  #start(): void {
    this.#tick = Math.floor(this.#now() / TICK_MS);
    this.#timer = setInterval(() => this.#turn(), TICK_MS);
  }

  #turn(): void {
    const now = this.#now();
    const reached = Math.floor(now / TICK_MS);
    // After a stall longer than a revolution every slot is visited once, not more often.
    if (reached - this.#tick > SLOTS) this.#tick = reached - SLOTS;
    while (this.#tick < reached) {
      this.#tick += 1;
      this.#expire(this.#tick % SLOTS, now);
    }
    if (this.#armed === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
  }

  #expire(slot: number, now: number): void {
    const expired: DeadlineEntry[] = [];
    for (let entry = this.#slots[slot] ?? null; entry !== null; entry = entry.next) {
      if (entry.call.deadline <= now) expired.push(entry);
    }
    for (const entry of expired) {
      this.cancel(entry);
      entry.call.stop('timeout');
    }
  }
}
