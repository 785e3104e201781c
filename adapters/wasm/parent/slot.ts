import type { Report } from '../../../src/domain/backend.js';
import type { Call, Stop } from '../../../src/domain/call.js';
import type { Reply } from '../../../src/domain/reply.js';
import { wordsAt } from '../slots.js';
import type { PooledBody } from './bodies.js';

/** A backend as a call needs it. */
export interface Target {
  readonly id: number;
  readonly outputLimit: number;
  readonly report: Report;
}

/**
 * The gateway's half of a slot: whose call lies in it. Slots live as long as the lanes, and so do their functions: a
 * call makes no closure of its own.
 */
export class Slot {
  readonly index: number;
  /** The index of its first word. */
  readonly at: number;
  readonly #inline: Uint8Array;
  readonly #onStop: (stop: Stop) => void;

  target: Target | null = null;
  body: PooledBody | null = null;
  /** The lane that had begun the call when it was given up. */
  abandonedBy = -1;
  resolve: (reply: Reply) => void = nobody;
  reject: (error: Error) => void = nobody;
  #call: Call | null = null;
  #guard: NodeJS.Timeout | null = null;

  constructor(index: number, inline: Uint8Array, stop: (slot: Slot, stop: Stop) => void) {
    this.index = index;
    this.at = wordsAt(index);
    this.#inline = inline;
    this.#onStop = (cause) => stop(this, cause);
  }

  /** The executor of the call's promise. */
  readonly keep = (resolve: (reply: Reply) => void, reject: (error: Error) => void): void => {
    this.resolve = resolve;
    this.reject = reject;
  };

  take(target: Target, call: Call): void {
    this.target = target;
    this.#call = call;
    call.onStop = this.#onStop;
  }

  /** The shared bytes that hold its input, and afterwards its output. */
  bytes(): Uint8Array {
    return this.body?.bytes ?? this.#inline;
  }

  guardUntilDeadline(passed: () => void): void {
    if (this.#guard !== null) return;
    const left = (this.#call?.deadline ?? 0) - performance.now();
    this.#guard = setTimeout(passed, Math.max(0, left));
  }

  /** Lets go of its call, whose ear must not hear of the next one. */
  clear(): void {
    if (this.#call !== null) this.#call.onStop = null;
    if (this.#guard !== null) clearTimeout(this.#guard);
    this.#call = null;
    this.#guard = null;
    this.target = null;
    this.body = null;
    this.abandonedBy = -1;
    this.resolve = nobody;
    this.reject = nobody;
  }
}

function nobody(): void {
  // The call has been answered already, or the slot holds none.
}
