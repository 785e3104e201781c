import { closeSync, readSync, writeSync } from 'node:fs';
import { DEPTH } from '../protocol/frames.js';
import { BEGUN, FINISHED, NOTE_SIZE, TAKEN, takenSlot } from '../protocol/note-layout.js';
import { openUnlinked } from './unlinked-file.js';

const WORD = 4;

/** How far a child has come, by sequence number: the last call that it began, and the last that it has posted. */
export interface Progress {
  readonly begun: number;
  readonly finished: number;
}

/** The gateway's half of the note. Only looked at when a call is stopped or a child has died: never in a call's way. */
export class Note {
  readonly fd: number;
  readonly #taken = new Int32Array(DEPTH);
  readonly #read = new Int32Array(2);
  #closed = false;

  /** A note for calls from `first` on. */
  constructor(first: number) {
    // Nothing has begun, and nothing is taken: a slot never holds the number of another slot's call by itself.
    for (let slot = 0; slot < DEPTH; slot++) this.#taken[slot] = slot ^ 1;
    const words = new Int32Array(NOTE_SIZE / WORD);
    words.fill(first - 1, BEGUN, FINISHED + 1);
    words.set(this.#taken, TAKEN);
    this.fd = openUnlinked(words);
  }

  /** Takes these calls back. Those later than the `begun` that it answers will never begin. */
  take(sequences: readonly number[]): Progress {
    for (const sequence of sequences) this.#taken[takenSlot(sequence)] = sequence;
    writeSync(this.fd, this.#taken, 0, this.#taken.byteLength, TAKEN * WORD);
    return this.read();
  }

  /** Whether this call was taken back, be it too late. */
  hasTaken(sequence: number): boolean {
    return this.#taken[takenSlot(sequence)] === (sequence | 0);
  }

  read(): Progress {
    readSync(this.fd, this.#read, 0, this.#read.byteLength, BEGUN * WORD);
    return { begun: (this.#read[BEGUN] ?? 0) >>> 0, finished: (this.#read[FINISHED] ?? 0) >>> 0 };
  }

  /** May be called again: the number may be another file's by then. */
  close(): void {
    if (!this.#closed) closeSync(this.fd);
    this.#closed = true;
  }
}
