import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { HostAnswer, HostRequest } from '../host-call.js';
import { clockOffset, type FromLane, type LaneStart, type ToLane } from '../messages.js';
import { noteBegun } from '../note.js';
import {
  ACTIVE,
  BEGUN,
  FIRST,
  FREE,
  MARK,
  POSTED,
  QUEUED,
  RESTING,
  STATE,
  turnAt,
  viewSlots,
  WAKE,
  WAKE_FIRST,
  wakeLanes,
  wordsAt,
} from '../slots.js';
import { executeIn, type Executor } from './execute.js';

/** Calls after which a busy lane lets its thread do its own housekeeping. */
const CALLS_A_TURN = 5_000;
/** Milliseconds after which an idle one does. */
const IDLE_TURN = 1_000;

/**
 * How long the lane that is woken first looks for the next call before it sleeps. Milliseconds: what it takes an idle processor
 * to wake up costs a caller more, and this thread no less.
 */
const SPIN = 0.02;
/** Looks between two readings of the clock. */
const LOOKS = 50;

/**
 * Takes the queued call whose turn is first, again and again, and sleeps on a shared word while there is none. The thread does not
 * return to its event loop in between: messages of the gateway are read when a counter says that there are some.
 */
export function runLane(start: LaneStart, port: MessagePort): void {
  const slots = viewSlots(start.slots, start.slotCount);
  const { words, doubles } = slots;
  const own = new Int32Array(start.own);
  const post = (message: FromLane, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  // What the gateway calls 0 is another moment than this thread does.
  const ahead = clockOffset() - start.clockOffset;
  const executor = executeIn({
    start,
    slots,
    own,
    post,
    ask: (slot, request) => ask(slot, request),
    clock: () => performance.now() + ahead,
  });
  const mine = BEGUN + start.lane;
  let heard = 0;
  let answer: HostAnswer | null = null;

  const hear = (): void => {
    const posted = Atomics.load(own, POSTED);
    if (posted === heard) return;
    heard = posted;
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      const message = next.message as ToLane;
      if (message.type === 'answer') answer = message.answer;
      else obey(message, executor);
    }
  };

  const ask = (slot: number, request: HostRequest): HostAnswer => {
    post({ type: 'ask', slot, request });
    for (;;) {
      hear();
      const got = answer;
      answer = null;
      if (got !== null) return got;
      Atomics.wait(own, POSTED, heard);
    }
  };

  /** Sleeps while the gateway has lanes enough. */
  const rest = (): void => {
    // What had woken this lane was meant for one that works.
    wakeLanes(words, 1);
    Atomics.store(own, RESTING, 1);
    while (Atomics.load(own, ACTIVE) === 0) {
      hear();
      executor.tidy();
      executor.share();
      Atomics.wait(own, ACTIVE, 0, IDLE_TURN);
    }
    Atomics.store(own, RESTING, 0);
  };

  const sleep = (wakeFirst: number, wake: number): string => {
    if (Atomics.compareExchange(words, FIRST, FREE, mine) !== FREE) return Atomics.wait(words, WAKE, wake, IDLE_TURN);
    const until = performance.now() + SPIN;
    let how = 'not-equal';
    do {
      if (hasChanged(words, WAKE_FIRST, wakeFirst)) break;
      how = performance.now() < until ? 'spinning' : Atomics.wait(words, WAKE_FIRST, wakeFirst, IDLE_TURN);
    } while (how === 'spinning');
    Atomics.store(words, FIRST, FREE);
    return how;
  };

  const turn = (): void => {
    for (let calls = 0; calls < CALLS_A_TURN; calls++) {
      if (Atomics.load(own, ACTIVE) === 0) rest();
      const wakeFirst = Atomics.load(words, WAKE_FIRST);
      const wake = Atomics.load(words, WAKE);
      const slot = begin(words, doubles, start.slotCount, mine);
      hear();
      if (slot >= 0) {
        const mark = words[wordsAt(slot) + MARK] ?? 0;
        if (start.note !== null && mark !== 0) noteBegun(start.note, mark >>> 0);
        executor.execute(slot);
      } else if (sleep(wakeFirst, wake) === 'timed-out') {
        executor.tidy();
        break;
      }
    }
    executor.share();
    setImmediate(turn);
  };

  turn();
}

function obey(message: Exclude<ToLane, { readonly type: 'answer' }>, executor: Executor): void {
  switch (message.type) {
    case 'open':
      executor.open(message.module);
      return;
    case 'close':
      executor.close(message.id);
      return;
    case 'body':
      executor.addBody(message.body);
      return;
    case 'forget-body':
      executor.forgetBody(message.id);
      return;
    default:
      message satisfies never;
  }
}

/** Marks the queued call whose turn is first as begun by this lane and answers its slot; -1 when nothing is queued. */
function begin(words: Int32Array, doubles: Float64Array, count: number, mine: number): number {
  for (;;) {
    let first = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < count; slot++) {
      if (words[wordsAt(slot) + STATE] !== QUEUED) continue;
      const turn = doubles[turnAt(slot)] ?? 0;
      if (turn >= least) continue;
      first = slot;
      least = turn;
    }
    if (first < 0) return -1;
    if (Atomics.compareExchange(words, wordsAt(first) + STATE, QUEUED, mine) === QUEUED) return first;
  }
}

/** Whether a word is no longer what it was: looked at again and again for about a microsecond. */
function hasChanged(words: Int32Array, index: number, before: number): boolean {
  for (let looks = 0; looks < LOOKS; looks++) if (Atomics.load(words, index) !== before) return true;
  return false;
}
