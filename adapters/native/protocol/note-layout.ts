import { DEPTH } from './frames.js';

/**
 * The note: one page of an unlinked file that gateway and child share. It answers, also after the child's death,
 * which calls have begun, and lets the gateway take a call back before it begins.
 *
 *     i32 begun | i32 finished | … | at 64: i32 taken[DEPTH]
 *
 * The child writes its call's sequence number to `begun`, THEN looks at `taken[sequence % DEPTH]` and the deadline, and only
 * then begins; it writes `finished` when the answer is posted. The gateway writes `taken`, THEN reads `begun`. So one of
 * the two always sees the other: a call that is later than `begun` when the gateway looks will never begin.
 */
export const NOTE_SIZE = 4096;
export const BEGUN = 0;
export const FINISHED = 1;
/** Indices of 32-bit words. */
export const TAKEN = 16;

export function takenSlot(sequence: number): number {
  return sequence & (DEPTH - 1);
}
