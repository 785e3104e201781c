import type { HostAnswer, HostRequest } from '../host-call.js';
import { BEGUN, type Slots, STATE } from '../slots.js';
import type { Asked, Slot } from './slot.js';

/** The lanes, as far as calls that wait for answers need them. */
export interface WaitingLanes {
  /** Lets another lane work in the place of this one; false when there is none. */
  wait(lane: number): boolean;
  resume(lane: number): void;
  answer(lane: number, answer: HostAnswer): void;
}

const TOO_MANY_WAIT: HostAnswer = {
  kind: 'call',
  status: 503,
  output: new TextEncoder().encode(
    'overloaded: too many calls wait for calls of theirs, and no lane is left for one more',
  ),
};

/**
 * What the calls in the lanes have asked for. A call that waits gives up its lane's place, and its own in the queue's
 * window. Where no lane can take the place, a nested call is refused, since what it waits for might never find a lane;
 * anything else has an end of its own and waits where it is.
 */
export class Asks {
  readonly #words: Int32Array;
  readonly #lanes: WaitingLanes;

  constructor(slots: Slots, lanes: WaitingLanes) {
    this.#words = slots.words;
    this.#lanes = lanes;
  }

  /** A call asks for something. */
  ask(slot: Slot, request: HostRequest): void {
    const lane = Atomics.load(this.#words, slot.at + STATE) - BEGUN;
    const { call, target } = slot;
    // It was given up meanwhile, and its lane ends.
    if (lane < 0) return;
    // Without a caller too it may go on, within its deadline.
    if (call === null || target === null || call.stopped === 'timeout') {
      this.#lanes.answer(lane, { kind: 'given-up' });
      return;
    }
    const replaced = this.#lanes.wait(lane);
    if (!replaced && request.kind === 'call') {
      this.#lanes.answer(lane, TOO_MANY_WAIT);
      return;
    }
    const asked: Asked = { lane, replaced, abort: new AbortController() };
    slot.asked = asked;
    if (replaced && call.stopped === null) slot.park();
    void target.answer(request, call, asked.abort.signal).then((answer) => {
      // Another call may be in the slot by now.
      if (slot.asked === asked) this.#answer(slot, asked, answer);
    });
  }

  /** Ends the guest of a call that waits for an answer; false when it waits for none. */
  giveUp(slot: Slot): boolean {
    const { asked } = slot;
    if (asked === null) return false;
    slot.givenUp = true;
    asked.abort.abort();
    this.#answer(slot, asked, { kind: 'given-up' });
    return true;
  }

  #answer(slot: Slot, asked: Asked, answer: HostAnswer): void {
    slot.asked = null;
    slot.unpark();
    if (asked.replaced) this.#lanes.resume(asked.lane);
    this.#lanes.answer(asked.lane, answer);
  }
}
