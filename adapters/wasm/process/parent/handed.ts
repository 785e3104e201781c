import type { Call } from '../../../../src/domain/call.js';
import { PLACES, placeOf } from '../../note.js';
import type { Job } from './job.js';

/** A call that a process has and has not answered. */
export interface Entry {
  readonly number: number;
  readonly job: Job;
  /** Rings when the process should have said what became of a call that was stopped. */
  alarm: NodeJS.Timeout | null;
}

/** The calls that a process was handed, by numbers: no two of them share a place in its note. */
export class Handed {
  readonly #entries = new Map<number, Entry>();
  /** Calls that go on, unheard, although they were answered: their callers hung up. */
  readonly #unheard = new Map<number, Call>();
  /** The latest number of each place. */
  readonly #numbers = Uint32Array.from({ length: PLACES }, (_, place) => place);
  readonly #free = Array.from({ length: PLACES }, (_, place) => place);

  get size(): number {
    return this.#entries.size;
  }

  get hasRoom(): boolean {
    return this.#free.length > 0;
  }

  add(job: Job): Entry {
    const place = this.#free.pop();
    if (place === undefined) throw new Error('a process was handed more calls than it has places');
    const next = ((this.#numbers[place] ?? 0) + PLACES) >>> 0;
    // No call has the number 0.
    const number = next === 0 ? PLACES : next;
    this.#numbers[place] = number;
    const entry: Entry = { number, job, alarm: null };
    this.#entries.set(number, entry);
    return entry;
  }

  find(number: number): Entry | null {
    return this.#entries.get(number) ?? null;
  }

  /** The call with this number, if it can still ask for something. */
  callOf(number: number): Call | null {
    return this.#entries.get(number)?.job.call ?? this.#unheard.get(number) ?? null;
  }

  /** It is answered. A call whose caller has hung up may go on all the same, until its deadline. */
  remove(entry: Entry, now: number): void {
    if (entry.alarm !== null) clearTimeout(entry.alarm);
    this.#entries.delete(entry.number);
    this.#free.push(placeOf(entry.number));
    if (entry.job.call.stopped !== 'cancelled') return;
    for (const [number, { deadline }] of this.#unheard) if (deadline < now) this.#unheard.delete(number);
    this.#unheard.set(entry.number, entry.job.call);
  }

  /** All of them, oldest first; none is left. */
  removeAll(): readonly Entry[] {
    const entries = [...this.#entries.values()];
    for (const { alarm } of entries) if (alarm !== null) clearTimeout(alarm);
    this.#entries.clear();
    return entries;
  }
}
