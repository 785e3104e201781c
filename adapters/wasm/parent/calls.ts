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
  FREE,
  FUNCTION,
  INLINE_BYTES,
  INPUT_LENGTH,
  LANE,
  OUTPUT_LENGTH,
  PROBE,
  QUEUED,
  SENT,
  SEQUENCE,
  type Slots,
  STATE,
  WAKE,
} from '../slots.js';
import type { Bodies } from './bodies.js';
import { closed, failed, failureIn, lateBeforeBegin } from './outcome.js';
import { Slot, type Target } from './slot.js';

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
  #sequence = 0;
  #toWake = 0;
  #closed = false;

  constructor({ slots, bodies, replaceLane }: CallsOptions) {
    this.#words = slots.words;
    this.#doubles = slots.doubles;
    this.#bodies = bodies;
    this.#replaceLane = replaceLane;
    this.#slots = slots.bytes.map((bytes, index) => new Slot(index, bytes, (slot, stop) => this.#stop(slot, stop)));
    this.#free = this.#slots.toReversed();
  }

  /** Hands a call to the lanes. Rejects with Failed alone. */
  run(target: Target, functionIndex: number, call: Call): Promise<Reply> {
    if (this.#closed) return Promise.reject(failed(closed()));
    if (call.stopped !== null) return Promise.reject(failed(stoppedBeforeBegin(call.stopped)));
    const slot = this.#free.pop();
    if (slot === undefined) return this.#wait(target, functionIndex, call);
    const reply = new Promise<Reply>(slot.keep);
    this.#handOver(slot, target, functionIndex, call);
    return reply;
  }

  /** Takes in every result that the lanes have left in the slots. */
  collect(): void {
    for (const slot of this.#slots) if (Atomics.load(this.#words, slot.at + STATE) === DONE) this.#take(slot);
  }

  /** Takes in a result whose output was too large for its slot. */
  collectSent(index: number, output: Uint8Array): void {
    const slot = this.#slots[index];
    if (slot === undefined || Atomics.load(this.#words, slot.at + STATE) !== SENT) return;
    const { resolve } = slot;
    this.#release(slot);
    resolve({ output });
  }

  /** A lane has ended. What it had completed is kept; what it had begun is over, and is not run again. */
  laneEnded(lane: number, why: string): void {
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
      else slot.reject(failed(closed()));
      if (state >= BEGUN) slot.guardUntilDeadline(() => this.#abandon(slot));
    }
  }

  /** Rejects what has not ended, and whatever comes: the lanes are about to end. */
  close(): void {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(failed(closed()));
    for (const slot of this.#slots) slot.reject(failed(closed()));
  }

  /** Makes idle lanes look: for what was handed over in this turn of the event loop, or for messages. */
  readonly wake = (count: number): void => {
    Atomics.add(this.#words, WAKE, 1);
    Atomics.notify(this.#words, WAKE, count);
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
    if (input.length > INLINE_BYTES) slot.body = this.#bodies.take(input.length);
    slot.bytes().set(input);
    words[at + SEQUENCE] = this.#sequence++;
    words[at + BACKEND] = target.id;
    words[at + FUNCTION] = functionIndex;
    words[at + INPUT_LENGTH] = input.length;
    words[at + BODY] = slot.body?.id ?? 0;
    this.#doubles[deadlineAt(slot.index)] = call.deadline;
    Atomics.store(words, at + STATE, QUEUED);
    if (this.#toWake++ === 0) setImmediate(this.#wakeForCalls);
  }

  #wait(target: Target, functionIndex: number, call: Call): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const waiting = { target, functionIndex, call, resolve, reject };
      this.#waiting.push(waiting);
      call.onStop = (stop) => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(failed(stoppedBeforeBegin(stop)));
      };
    });
  }

  #take(slot: Slot): void {
    const words = this.#words;
    const { at, resolve, target } = slot;
    const failure = failureIn(words, at, slot.bytes(), target?.outputLimit ?? 0);
    if (failure !== null) {
      if (failure.code === 'trapped' && words[at + FUNCTION] !== PROBE)
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
    this.#release(slot);
    reject(failed(failure));
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
    if (state === QUEUED) this.#fail(slot, stoppedBeforeBegin(stop));
    else if (state >= BEGUN && stop === 'timeout') this.#abandon(slot);
    else if (state >= BEGUN) {
      slot.reject(failed({ code: 'cancelled', detail: 'its caller hung up while it ran', begun: true }));
      // It may finish, unheard, but not run for ever: its caller's deadline still holds.
      slot.guardUntilDeadline(() => this.#abandon(slot));
    } else if (state === DONE) this.#take(slot);
  }

  /** Gives up a call that has begun, unless it is done by now. */
  #abandon(slot: Slot): void {
    const state = Atomics.load(this.#words, slot.at + STATE);
    if (state < BEGUN || Atomics.compareExchange(this.#words, slot.at + STATE, state, ABANDONED) !== state) {
      this.collect();
      return;
    }
    slot.abandonedBy = state - BEGUN;
    slot.reject(failed({ code: 'timeout', detail: 'its deadline passed while it ran', begun: true }));
    slot.target?.report({ type: 'restart', cause: 'timeout' });
    this.#replaceLane(slot.abandonedBy);
  }
}

function stoppedBeforeBegin(stop: Stop): Failure {
  return stop === 'timeout'
    ? lateBeforeBegin()
    : { code: 'cancelled', detail: 'its caller hung up before it began', begun: false };
}
