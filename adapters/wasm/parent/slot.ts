import type { Report } from '../../../src/domain/backend.js';
import type { Call, Stop } from '../../../src/domain/call.js';
import type { Reply } from '../../../src/domain/reply.js';
import type { HostAnswer, HostRequest } from '../host-call.js';
import { wordsAt } from '../slots.js';
import type { PooledBody } from './bodies.js';

/** A backend as a call needs it. */
export interface Target {
  readonly id: number;
  readonly outputLimit: number;
  readonly report: Report;
  /** Answers what its module asks for in the middle of a call; never rejects. */
  readonly answer: (request: HostRequest, call: Call, signal: AbortSignal) => Promise<HostAnswer>;
  /** The turn of its latest call. */
  turn: number;
}

/** What the call in a slot has asked for. */
export interface Asked {
  readonly lane: number;
  /** Whether another lane works in its place. */
  readonly replaced: boolean;
  readonly abort: AbortController;
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
  /** Null while its call waits for nothing. */
  asked: Asked | null = null;
  /** Nobody hears of the call any more, and its guest was told so. */
  givenUp = false;
  resolve: (reply: Reply) => void = nobody;
  reject: (error: Error) => void = nobody;
  #call: Call | null = null;
  #guard: NodeJS.Timeout | null = null;
  #parked = false;

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

  get call(): Call | null {
    return this.#call;
  }

  /** Ends its caller's waiting; the call itself may go on. */
  refuse(error: Error): void {
    this.unpark();
    this.reject(error);
  }

  /** Its call holds no place in the queue's window until `unpark`. */
  park(): void {
    this.#parked = true;
    this.#call?.onParked?.(true);
  }

  unpark(): void {
    if (!this.#parked) return;
    this.#parked = false;
    this.#call?.onParked?.(false);
  }

  /** The shared bytes that hold its input, and afterwards its output. */
  bytes(): Uint8Array {
    return this.body?.bytes ?? this.#inline;
  }

  guardUntilDeadline(passed: () => void): void {
    if (this.#guard === null) this.guardFor((this.#call?.deadline ?? 0) - performance.now(), passed);
  }

  /** Milliseconds. Takes the place of an earlier guard. */
  guardFor(left: number, passed: () => void): void {
    if (this.#guard !== null) clearTimeout(this.#guard);
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
    this.asked?.abort.abort();
    this.asked = null;
    this.givenUp = false;
    this.resolve = nobody;
    this.reject = nobody;
  }
}

function nobody(): void {
  // The call has been answered already, or the slot holds none.
}
