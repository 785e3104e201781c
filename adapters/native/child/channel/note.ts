import { closeSync } from 'node:fs';
import koffi from 'koffi';
import { BEGUN, FINISHED, NOTE_SIZE, TAKEN, takenSlot } from '../../protocol/note-layout.js';
import { libc } from '../libc.js';

const READ_WRITE = 3;
const SHARED = 1;

/** The child's half of the note, mapped: noting costs a memory store, where a write to the file costs a system call. */
export interface Note {
  /** Says that this call is about to begin; answers whether it still may, or has been taken back. */
  begin(sequence: number): boolean;
  /** Says that its answer is posted. */
  finish(sequence: number): void;
}

export function mapNote(fd: number): Note {
  const page = libc.mmap(null, NOTE_SIZE, READ_WRITE, SHARED, fd, 0);
  if (page === null || page === 0xffff_ffff_ffff_ffffn) throw new Error('the note cannot be mapped');
  closeSync(fd);
  const words = new Int32Array(koffi.view(page, NOTE_SIZE));
  return {
    begin(sequence) {
      // Atomics: the store must be seen before the load is made, or both sides could believe to have the call.
      Atomics.store(words, BEGUN, sequence | 0);
      return Atomics.load(words, TAKEN + takenSlot(sequence)) !== (sequence | 0);
    },
    finish(sequence) {
      Atomics.store(words, FINISHED, sequence | 0);
    },
  };
}
