import type { Call, Stop } from '../../../src/domain/call.js';
import type { Failure } from '../../../src/domain/failure.js';
import type { Reply } from '../../../src/domain/reply.js';
import {
  ABANDONED,
  BACKEND,
  BEGUN,
  BODY,
  deadlineAt,
  DONE,
  FIRST,
  FREE,
  FUNCTION,
  INLINE_BYTES,
  INPUT_LENGTH,
  LANE,
  MARK,
  OUTPUT_LENGTH,
  PROBE,
  QUEUED,
  SENT,
  type Slots,
  STATE,
  turnAt,
  WAKE,
  WAKE_FIRST,
  wakeLanes,
} from '../slots.js';
import type { HostRequest } from '../host-call.js';
import type { Asks } from './asks.js';
import type { Bodies } from './bodies.js';
import { closed, failed, failureIn, stopped } from './outcome.js';
import { Slot, type Target } from './slot.js';

/** Milliseconds in which a guest that waited for an answer has to leave, once told that nobody waits for it. */
const LEAVE_WITHIN = 1_000;

interface Waiting {
  readonly target: Target;
  readonly functionIndex: number;
  readonly call: Call;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

interface CallsOptions {
  readonly slots: Slots;
  readonly bodies: Bodies;
  /** A call that had begun on this lane was given up: the lane has to end. */
  readonly replaceLane: (lane: number) => void;
  readonly asks: Asks;
  /** What lanes note when they begin a call. */
  readonly markOf: (call: Call) => number;
}

/** Every call that has been handed to the lanes and not ended, with the slot that it lies in. */
export class Calls {
  readonly #slots: readonly Slot[];
  readonly #free: Slot[];
  /** More than there are slots for: calls that were given up keep theirs until their lane is done with them. */
  readonly #waiting: Waiting[] = [];
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bodies: Bodies;
  readonly #replaceLane: (lane: number) => void;
  readonly #asks: Asks;
  readonly #markOf: (call: Call) => number;
  /** The latest turn of a call that has ended. */
  #reached = 0;
  #toWake = 0;
  #closed = false;

  constructor({ slots, bodies, replaceLane, asks, markOf }: CallsOptions) {
    this.#words = slots.words;
    this.#doubles = slots.doubles;
    this.#bodies = bodies;
    this.#replaceLane = replaceLane;
    this.#asks = asks;
    this.#markOf = markOf;
    this.#slots = slots.bytes.map((bytes, index) => new Slot(index, bytes, (slot, stop) => this.#stop(slot, stop)));
    this.#free = this.#slots.toReversed();
  }

  /** Hands a call to the lanes. Rejects with Failed alone. */
  run(target: Target, functionIndex: number, call: Call): Promise<Reply> {
    if (this.#closed) return Promise.reject(failed(closed()));
    if (call.stopped !== null) return Promise.reject(failed(stopped(call.stopped, false)));
    const slot = this.#free.pop();
    if (slot === undefined) return this.#wait(target, functionIndex, call);
    const reply = new Promise<Reply>(slot.keep);
    this.#handOver(slot, target, functionIndex, call);
    return reply;
  }

  /** Takes in every result that the lanes have left in the slots. */
  collect(): void {
    for (const slot of this.#slots) if (this.#words[slot.at + STATE] === DONE) this.#take(slot);
  }

  /** Takes in a result whose output was too large for its slot. */
  collectSent(index: number, output: Uint8Array): void {
    const slot = this.#slots[index];
    if (slot === undefined || Atomics.load(this.#words, slot.at + STATE) !== SENT) return;
    const { resolve } = slot;
    this.#noteTurn(slot);
    this.#release(slot);
    resolve({ output });
  }

  /** The call in a slot asks for something in the middle of itself. */
  ask(index: number, request: HostRequest): void {
    const slot = this.#slots[index];
    if (slot !== undefined) this.#asks.ask(slot, request);
  }

  /** A lane has ended. What it had completed is kept; what it had begun is over, and is not run again. */
  laneEnded(lane: number, why: string): void {
    Atomics.compareExchange(this.#words, FIRST, BEGUN + lane, FREE);
    this.collect();
    for (const slot of this.#slots) {
      const state = Atomics.load(this.#words, slot.at + STATE);
      if (state === ABANDONED && slot.abandonedBy === lane) this.#release(slot);
      else if (state === BEGUN + lane || (state === SENT && this.#words[slot.at + LANE] === lane)) {
        if (!this.#closed) slot.target?.report({ type: 'restart', cause: 'lane' });
        this.#fail(slot, { code: 'trapped', detail: `the lane that ran it ended: ${why}` });
      }
    }
  }

  /** Rejects the calls of a backend that is closed. One that runs may finish, unheard, within its deadline. */
  closeTarget(target: Target): void {
    for (const waiting of this.#waiting.filter((one) => one.target === target)) {
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.reject(failed(closed()));
    }
    for (const slot of this.#slots) {
      if (slot.target !== target) continue;
      const state = Atomics.compareExchange(this.#words, slot.at + STATE, QUEUED, FREE);
      if (state === QUEUED) this.#fail(slot, closed());
      else slot.refuse(failed(closed()));
      if (state >= BEGUN) slot.guardUntilDeadline(() => this.#abandon(slot));
    }
  }

  /** Rejects what has not ended, and whatever comes: the lanes are about to end. */
  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(failed(closed()));
    for (const slot of this.#slots) slot.refuse(failed(closed()));
  }

  /** Makes idle lanes look: for what was handed over in this turn of the event loop, or for messages. */
  readonly wake = (count: number): void => {
    Atomics.add(this.#words, WAKE_FIRST, 1);
    Atomics.add(this.#words, WAKE, 1);
    wakeLanes(this.#words, count);
  };

  readonly #wakeForCalls = (): void => {
    const count = this.#toWake;
    this.#toWake = 0;
    this.wake(count);
  };

  #handOver(slot: Slot, target: Target, functionIndex: number, call: Call): void {
    const words = this.#words;
    const { at } = slot;
    const { input } = call;
    slot.take(target, call);
    if (input.length > INLINE_BYTES) {
      try {
        slot.body = this.#bodies.take(input.length);
      } catch {
        this.#fail(slot, { code: 'unavailable', detail: 'there is no memory for its input', retryAfterMs: 1_000 });
        return;
      }
    }
    slot.bytes().set(input);
    this.#doubles[turnAt(slot.index)] = this.#turnOf(target, call);
    words[at + BACKEND] = target.id;
    words[at + FUNCTION] = functionIndex;
    words[at + INPUT_LENGTH] = input.length;
    words[at + BODY] = slot.body?.id ?? 0;
    words[at + MARK] = this.#markOf(call);
    this.#doubles[deadlineAt(slot.index)] = call.deadline;
    Atomics.store(words, at + STATE, QUEUED);
    if (this.#toWake++ === 0) setImmediate(this.#wakeForCalls);
  }

  /**
   * Start-time fair queueing (Goyal, Vin and Cheng, 1996) with every call of the same cost: a backend's calls stand
   * behind each other, and the first of them where the lanes are now, however many another one has queued.
   */
  #turnOf(target: Target, call: Call): number {
    // Somebody waits for a nested call already, and holds up a lane's instance and its caller's deadline.
    if (call.caller !== null) return this.#reached;
    target.turn = Math.max(this.#reached, target.turn) + 1;
    return target.turn;
  }

  #wait(target: Target, functionIndex: number, call: Call): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const waiting = { target, functionIndex, call, resolve, reject };
      this.#waiting.push(waiting);
      call.onStop = (stop) => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(failed(stopped(stop, false)));
      };
    });
  }

  #take(slot: Slot): void {
    const words = this.#words;
    const { at, resolve, target } = slot;
    this.#noteTurn(slot);
    const failure = failureIn(words, at, slot.bytes(), target?.outputLimit ?? 0);
    if (failure !== null) {
      if (failure.code === 'trapped' && words[at + FUNCTION] !== PROBE && !slot.givenUp)
        target?.report({ type: 'restart', cause: 'trap' });
      this.#fail(slot, failure);
      return;
    }
    const length = words[at + OUTPUT_LENGTH] ?? 0;
    const output = Buffer.allocUnsafe(length);
    output.set(slot.bytes().subarray(0, length));
    this.#release(slot);
    resolve({ output });
  }

  #fail(slot: Slot, failure: Failure): void {
    const { reject } = slot;
    slot.unpark();
    this.#release(slot);
    reject(failed(failure));
  }

  #noteTurn(slot: Slot): void {
    this.#reached = Math.max(this.#reached, this.#doubles[turnAt(slot.index)] ?? 0);
  }

  #release(slot: Slot): void {
    if (slot.body !== null) this.#bodies.giveBack(slot.body);
    slot.clear();
    Atomics.store(this.#words, slot.at + STATE, FREE);
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free.push(slot);
      return;
    }
    slot.keep(next.resolve, next.reject);
    this.#handOver(slot, next.target, next.functionIndex, next.call);
  }

  #stop(slot: Slot, stop: Stop): void {
    const state = Atomics.compareExchange(this.#words, slot.at + STATE, QUEUED, FREE);
    if (state === QUEUED) this.#fail(slot, stopped(stop, false));
    else if (state >= BEGUN && stop === 'timeout') this.#abandon(slot);
    else if (state >= BEGUN) {
      slot.refuse(failed(stopped('cancelled', true)));
      // It may finish, unheard, but not run for ever: its caller's deadline still holds.
      slot.guardUntilDeadline(() => this.#abandon(slot));
    } else if (state === DONE) this.#take(slot);
  }

  /** Gives up a call that has begun, unless it is done by now. */
  #abandon(slot: Slot): void {
    const late = failed(stopped('timeout', true));
    if (this.#asks.giveUp(slot)) {
      // Its guest ends where it waits, and its lane goes on.
      slot.refuse(late);
      slot.target?.report({ type: 'restart', cause: 'timeout' });
      slot.guardFor(LEAVE_WITHIN, () => this.#endLane(slot));
      return;
    }
    if (this.#endLane(slot)) {
      slot.refuse(late);
      slot.target?.report({ type: 'restart', cause: 'timeout' });
    }
  }

  /** False when the call is done by now. */
  #endLane(slot: Slot): boolean {
    const state = Atomics.load(this.#words, slot.at + STATE);
    if (state < BEGUN || Atomics.compareExchange(this.#words, slot.at + STATE, state, ABANDONED) !== state) {
      this.collect();
      return false;
    }
    slot.abandonedBy = state - BEGUN;
    this.#replaceLane(slot.abandonedBy);
    return true;
  }
}
