/**
 * The shared memory between the gateway and its lanes: one slot for each call that is handed over, and one word that
 * idle lanes wait on. Every idle lane takes the queued slot whose turn is first, so no call waits behind a busy lane while
 * another is free, and a lane that ends takes nothing with it but the call that it had begun.
 *
 * The gateway writes a slot while it is FREE, the lane that began it while it is BEGUN; whoever changes its state by
 * compareExchange decides. A result is complete before its slot says DONE, so it survives the end of its lane.
 */

/** States of a slot. Values from `BEGUN` on say which lane began the call: `BEGUN + lane`. */
export const FREE = 0;
export const QUEUED = 1;
/** The outcome is in the slot. */
export const DONE = 2;
/** The outcome is in the slot but for its output, which follows in a message. */
export const SENT = 3;
/** The call was given up after it had begun; its lane ends, and the slot is free once it has ended. */
export const ABANDONED = 4;
export const BEGUN = 16;

/** Outcomes of a call, as a lane writes them. */
export const ANSWERED = 0;
export const REPORTED_ERROR = 1;
export const TRAPPED = 2;
export const OVER_OUTPUT_LIMIT = 3;
export const EXPIRED = 4;
export const UNLOADED = 5;

/** 32-bit words of a slot, counted from its first. */
export const STATE = 0;
export const BACKEND = 1;
/** The function's index in its backend; `PROBE` only makes an instance, and drops it. */
export const FUNCTION = 2;
export const INPUT_LENGTH = 3;
/** The number of the body that holds input and output; 0 for the slot's own bytes. */
export const BODY = 4;
export const OUTCOME = 5;
export const OUTPUT_LENGTH = 6;
/** The status that the plugin returned with an error. */
export const STATUS = 7;
/** The lane that sent the output. */
export const LANE = 8;
/** What is noted when the call begins; 0 for nothing. */
export const MARK = 9;
/** As a double, on the clock of the gateway's thread: milliseconds. */
const DEADLINE_WORD = 10;
/** As a double: lanes begin the queued call with the least. */
const TURN_WORD = 12;

export const PROBE = -1;

const SLOT_WORDS = 16;
/** Calls with no more input than this, and answers with no more output, need nothing but their slot. */
export const INLINE_BYTES = 16 * 1024;

/** Words of the header. Both of these change whenever there is something new for the lanes. */
export const WAKE = 0;
/** What the lane waits on that is the first to sleep, and so the first to be woken: while calls are few, all are its. */
export const WAKE_FIRST = 1;
/** `BEGUN + lane` while a lane waits on `WAKE_FIRST`. */
export const FIRST = 2;
const HEADER_WORDS = 16;

/** Words that the gateway shares with one lane alone. */
export const LANE_WORDS = 4;
/** 1 while the lane may take calls. */
export const ACTIVE = 0;
/** Counts the messages posted to the lane. */
export const POSTED = 1;
/** 1 while a message is under way that makes the gateway look for results. */
export const TOLD = 2;
/** 1 while the lane sleeps because it may take none. */
export const RESTING = 3;

export interface Slots {
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
  readonly words: Int32Array;
  /** Indexed by `deadlineAt` and `turnAt`. */
  readonly doubles: Float64Array;
  /** Each slot's own bytes. */
  readonly bytes: readonly Uint8Array[];
}

export function makeSlots(count: number): Slots {
  return viewSlots(new SharedArrayBuffer(bytesFrom(count) + count * INLINE_BYTES), count);
}

export function viewSlots(buffer: SharedArrayBuffer, count: number): Slots {
  const start = bytesFrom(count);
  return {
    buffer,
    count,
    words: new Int32Array(buffer, 0, start / 4),
    doubles: new Float64Array(buffer, 0, start / 8),
    bytes: Array.from(
      { length: count },
      (_, slot) => new Uint8Array(buffer, start + slot * INLINE_BYTES, INLINE_BYTES),
    ),
  };
}

/** The index in `words` of a slot's first word. */
export function wordsAt(slot: number): number {
  return HEADER_WORDS + slot * SLOT_WORDS;
}

/** The index in `doubles` of a slot's deadline. */
export function deadlineAt(slot: number): number {
  return (wordsAt(slot) + DEADLINE_WORD) / 2;
}

/** The index in `doubles` of a slot's turn. */
export function turnAt(slot: number): number {
  return (wordsAt(slot) + TURN_WORD) / 2;
}

/** Wakes so many lanes that sleep, if there are as many. */
export function wakeLanes(words: Int32Array, count: number): void {
  const others = count - Atomics.notify(words, WAKE_FIRST, 1);
  if (others > 0) Atomics.notify(words, WAKE, others);
}

function bytesFrom(count: number): number {
  return wordsAt(count) * 4;
}
