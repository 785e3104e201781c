import { DEPTH, distance, following } from '../protocol/frames.js';
import type { Job } from './job.js';
import type { Progress } from './note.js';

/** `finished`: its answer is posted, and only has to be read. */
export type Stage = 'not-begun' | 'running' | 'finished';

/**
 * The calls that a child has been given, in the order in which it must answer them. One that is settled or moved before
 * its answer leaves a gap: its answer is still to come, and counts.
 */
export class Flight {
  readonly #jobs: (Job | null)[] = new Array<Job | null>(DEPTH).fill(null);
  #next: number;
  #end: number;

  constructor(first: number) {
    this.#next = first;
    this.#end = first;
  }

  /** Answers that are still to come. */
  get length(): number {
    return distance(this.#end, this.#next);
  }

  /** The sequence number of the next answer. */
  get next(): number {
    return this.#next;
  }

  add(job: Job): number {
    const sequence = this.#end;
    this.#jobs[sequence % DEPTH] = job;
    this.#end = following(sequence);
    return sequence;
  }

  /** The next answer is there: whose it is, or null when nobody waits for it any more. */
  shift(): Job | null {
    const job = this.#jobs[this.#next % DEPTH] ?? null;
    this.#jobs[this.#next % DEPTH] = null;
    this.#next = following(this.#next);
    return job;
  }

  forget(sequence: number): void {
    this.#jobs[sequence % DEPTH] = null;
  }

  /** Those that somebody waits for, oldest first. */
  waiting(): { readonly job: Job; readonly sequence: number }[] {
    const waiting = [];
    for (let sequence = this.#next; sequence !== this.#end; sequence = following(sequence)) {
      const job = this.#jobs[sequence % DEPTH];
      if (job !== null && job !== undefined) waiting.push({ job, sequence });
    }
    return waiting;
  }

  /** Whether one of them may be running, by the note. */
  runs(progress: Progress): boolean {
    const ahead = distance(progress.begun, this.#next);
    return ahead !== -1 && (ahead < -1 || ahead >= this.length || progress.begun !== progress.finished);
  }

  /**
   * How far a call has come, by the note. A note that cannot be true is no evidence: then any call may be running, and
   * none is ever run again.
   */
  stageOf(sequence: number, progress: Progress): Stage {
    const ahead = distance(progress.begun, this.#next);
    const plausible = ahead >= -1 && ahead < this.length;
    if (!plausible) return 'running';
    if (distance(sequence, progress.begun) > 0) return 'not-begun';
    return sequence === progress.begun && sequence !== progress.finished ? 'running' : 'finished';
  }
}
