import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { clockOffset, type FromLane, type LaneStart, type ToLane } from '../messages.js';
import { ACTIVE, BEGUN, POSTED, QUEUED, SEQUENCE, STATE, viewSlots, WAKE, wordsAt } from '../slots.js';
import { executeIn, type Executor } from './execute.js';

/** Calls after which a busy lane lets its thread do its own housekeeping. */
const CALLS_A_TURN = 5_000;
/** Milliseconds after which an idle one does. */
const IDLE_TURN = 1_000;

/**
 * Takes the oldest queued call, again and again, and sleeps on a shared word while there is none. The thread does not
 * return to its event loop in between: messages of the gateway are read when a counter says that there are some.
 */
export function runLane(start: LaneStart, port: MessagePort): void {
  const slots = viewSlots(start.slots, start.slotCount);
  const { words } = slots;
  const own = new Int32Array(start.own);
  const post = (message: FromLane, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  // What the gateway calls 0 is another moment than this thread does.
  const ahead = clockOffset() - start.clockOffset;
  const executor = executeIn({
    start,
    slots,
    own,
    post,
    clock: () => performance.now() + ahead,
  });
  const mine = BEGUN + start.lane;
  let heard = 0;

  const hear = (): void => {
    const posted = Atomics.load(own, POSTED);
    if (posted === heard) return;
    heard = posted;
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
      obey(next.message as ToLane, executor);
  };

  const turn = (): void => {
    for (let calls = 0; calls < CALLS_A_TURN; calls++) {
      const wake = Atomics.load(words, WAKE);
      const slot = begin(words, start.slotCount, mine);
      hear();
      if (slot >= 0) executor.execute(slot);
      else if (Atomics.wait(words, WAKE, wake, IDLE_TURN) === 'timed-out') {
        executor.tidy();
        break;
      }
    }
    setImmediate(turn);
  };

  // A spare lane sleeps here until it is needed.
  Atomics.wait(own, ACTIVE, 0);
  turn();
}

function obey(message: ToLane, executor: Executor): void {
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

/** Marks the oldest queued call as begun by this lane and answers its slot; -1 when nothing is queued. */
function begin(words: Int32Array, count: number, mine: number): number {
  for (;;) {
    let oldest = -1;
    let sequence = 0;
    for (let slot = 0; slot < count; slot++) {
      const at = wordsAt(slot);
      if (words[at + STATE] !== QUEUED) continue;
      const candidate = words[at + SEQUENCE] ?? 0;
      // The difference, not the order, is right when sequences have wrapped.
      if (oldest >= 0 && ((candidate - sequence) | 0) > 0) continue;
      oldest = slot;
      sequence = candidate;
    }
    if (oldest < 0) return -1;
    if (Atomics.compareExchange(words, wordsAt(oldest) + STATE, QUEUED, mine) === QUEUED) return oldest;
  }
}
