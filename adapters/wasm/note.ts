import { writeSync } from 'node:fs';

/*
 * The note of a process of lanes: a file that outlives it, in which a lane says which call it is about to begin. Calls have
 * numbers, and each number has a place, which no two calls that are under way share.
 */

/** Calls that may be under way in one process. A power of two. */
export const PLACES = 1024;

const WORD = 4;
export const NOTE_BYTES = PLACES * WORD;

const word = new Uint32Array(1);

export function placeOf(number: number): number {
  return number & (PLACES - 1);
}

/** Says that the call with this number is about to begin; no call has the number 0. */
export function noteBegun(note: number, number: number): void {
  word[0] = number;
  writeSync(note, word, 0, WORD, placeOf(number) * WORD);
}

/** Whether the call with this number has begun, by what is in the note. */
export function hasBegun(note: Uint8Array, number: number): boolean {
  return new DataView(note.buffer, note.byteOffset).getUint32(placeOf(number) * WORD, true) === number;
}
