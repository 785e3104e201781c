import { following } from '../protocol/frames.js';
import { Flight, type Stage } from './flight.js';
import type { Job } from './job.js';
import type { Note, Progress } from './note.js';

/** Calls that will not begin where they were handed, and how far it had come with the others when that was settled. */
export interface Taken extends Progress {
  readonly jobs: readonly Job[];
  readonly stageOf: (sequence: number) => Stage;
}

/** The calls that a child has been handed, and how far each has come, by the note that it leaves. */
export class Handed {
  readonly #note: Note;
  readonly #flight: Flight;

  /** `opening` is the sequence number before that of the first call. */
  constructor(note: Note, opening: number) {
    this.#note = note;
    this.#flight = new Flight(following(opening));
  }

  /** Answers that are still to come. */
  get length(): number {
    return this.#flight.length;
  }

  /** The sequence number of the next answer. */
  get next(): number {
    return this.#flight.next;
  }

  add(job: Job): number {
    return this.#flight.add(job);
  }

  /** The next answer is there: whose it is, or null when nobody waits for it any more. */
  shift(): Job | null {
    return this.#flight.shift();
  }

  /** Whether this call was taken back, be it in the very moment in which it began. */
  wasTaken(sequence: number): boolean {
    return this.#note.hasTaken(sequence);
  }

  stageOf(sequence: number): Stage {
    return this.#flight.stageOf(sequence, this.#note.read());
  }

  /** How far it has come by now. */
  progress(): Progress {
    return this.#note.read();
  }

  /** Whether one of them may be running. */
  runs(): boolean {
    return this.#flight.runs(this.#note.read());
  }

  /** Nobody waits for this call any more: it will not begin if it has not. Answers how far it had come. */
  release(sequence: number): Stage {
    const stage = this.#flight.stageOf(sequence, this.#note.take([sequence]));
    this.#flight.forget(sequence);
    return stage;
  }

  /** Takes back the last calls that have not begun, for good; by default all of them: what is left then has begun. */
  takeBack(count = Infinity): Taken {
    const waiting = this.#flight.waiting().slice(-count);
    const progress = this.#note.take(waiting.map((entry) => entry.sequence));
    return {
      ...progress,
      jobs: this.#taken(progress, waiting),
      stageOf: (sequence) => this.#flight.stageOf(sequence, progress),
    };
  }

  /** The process is gone: those that never began, taken back, and those that had. */
  divide(): { readonly notBegun: readonly Job[]; readonly begun: readonly Job[] } {
    const notBegun = this.#taken(this.#note.read(), this.#flight.waiting());
    return { notBegun, begun: this.#flight.waiting().map(({ job }) => job) };
  }

  /** Those that somebody waits for; nobody does any more. */
  forgetAll(): readonly Job[] {
    const waiting = this.#flight.waiting();
    for (const { sequence } of waiting) this.#flight.forget(sequence);
    return waiting.map(({ job }) => job);
  }

  #taken(progress: Progress, waiting: readonly { readonly job: Job; readonly sequence: number }[]): readonly Job[] {
    const taken = waiting.filter(({ sequence }) => this.#flight.stageOf(sequence, progress) === 'not-begun');
    for (const { job, sequence } of taken) {
      this.#flight.forget(sequence);
      job.takenBack();
    }
    return taken.map(({ job }) => job);
  }
}
