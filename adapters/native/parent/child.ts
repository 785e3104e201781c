import { randomInt } from 'node:crypto';
import type { Report } from '../../../src/domain/backend.js';
import type { Stop } from '../../../src/domain/call.js';
import type { NativeSpec } from '../../../src/domain/plugin.js';
import { ANSWER, DEPTH, OPENING } from '../protocol/frames.js';
import { RAW_OFFSET } from '../protocol/monotonic.js';
import { AnswerReader, ProtocolError, type Answer } from './answer-reader.js';
import { type ChildEvent, type ChildState, type End, endOf, type Exit, next } from './child-state.js';
import { closed, crashed, stopped } from './failures.js';
import { Flight } from './flight.js';
import type { Job } from './job.js';
import { Note } from './note.js';
import { openingOf, parseProblems } from './opening.js';
import { Outbox } from './outbox.js';
import { reportLines } from './output-lines.js';
import { type Spawned, spawnChild } from './spawn.js';
import type { NativeSettings } from './settings.js';
import { settle } from './settle.js';

const NO_EXIT: Exit = { signal: null, exitCode: null };

/** What a child tells its pool. */
export interface ChildListener {
  loaded(): void;
  /** It has room again. */
  answered(): void;
  /** These were handed to it and will never begin there. */
  moved(jobs: readonly Job[]): void;
  /** The process is gone; every job that it had is settled or was moved. */
  ended(end: End): void;
}

/** One process that runs native calls, one at a time, in the order in which they are handed over. */
export class Child {
  readonly #spec: NativeSpec;
  readonly #listener: ChildListener;
  readonly #process: Spawned;
  readonly #note: Note;
  readonly #flight: Flight;
  readonly #outbox: Outbox;
  readonly #loading: NodeJS.Timeout;
  #state: ChildState = { state: 'loading' };
  #guard: NodeJS.Timeout | undefined;

  constructor(spec: NativeSpec, settings: NativeSettings, report: Report, listener: ChildListener) {
    this.#spec = spec;
    this.#listener = listener;
    // Not from 0: whatever zeroes the note cannot make it say that nothing has begun.
    const opening = randomInt(2 ** 32);
    const first = (opening + 1) >>> 0;
    this.#note = new Note(first);
    this.#flight = new Flight(first);
    this.#process = spawnChild(spec, this.#note.fd, settings.environment);
    this.#process.onGone((exit, error) => this.#gone(exit, error));
    const reader = new AnswerReader(spec.outputLimit, (answer) => this.#answer(answer, opening));
    this.#process.answers.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    reportLines(this.#process.stdout, 'stdout', report, settings.now);
    reportLines(this.#process.stderr, 'stderr', report, settings.now);
    this.#outbox = new Outbox(this.#process.calls);
    this.#outbox.add(opening, OPENING, Infinity, Buffer.from(JSON.stringify(openingOf(spec))));
    this.#loading = setTimeout(() => {
      this.#kill({ cause: 'load', detail: `it was not loaded within ${settings.loadTimeoutMs} ms` });
    }, settings.loadTimeoutMs);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** How many calls it has; infinite when it takes none. */
  get load(): number {
    return this.#state.state === 'ready' && this.#flight.length < DEPTH ? this.#flight.length : Infinity;
  }

  hand(job: Job): void {
    const sequence = this.#flight.add(job);
    job.handedTo(this, sequence);
    this.#outbox.add(sequence, job.function, job.call.deadline + RAW_OFFSET, job.call.input);
  }

  /** Nobody waits for this call of the child's any more. */
  stop(job: Job, sequence: number, stop: Stop): void {
    const stage = this.#flight.stageOf(sequence, this.#note.take([sequence]));
    this.#flight.forget(sequence);
    job.fail(stopped(stop, stage !== 'not-begun'));
    if (stage !== 'running') return;
    if (stop === 'timeout') this.#endCall(sequence);
    else this.#endCallAt(sequence, job.call.deadline);
  }

  /** Ends the process: by itself if it is idle, by force if it runs a call or does not go within `graceMs`. */
  close(graceMs: number): void {
    const busy = this.#flight.length > 0 || this.#state.state === 'loading';
    this.#change({ type: 'ends', end: { cause: 'closed' } });
    for (const { job, sequence } of this.#flight.waiting()) {
      this.#flight.forget(sequence);
      job.fail(closed());
    }
    if (busy) {
      this.#process.kill();
      return;
    }
    this.#process.calls.end();
    clearTimeout(this.#guard);
    this.#guard = setTimeout(() => this.#process.kill(), graceMs);
  }

  #read(reader: AnswerReader, chunk: Buffer): void {
    try {
      if (this.#state.state !== 'ending' || this.#state.end.cause !== 'protocol') reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#kill({ cause: 'protocol', detail: error.message });
    }
    this.#listener.answered();
  }

  #answer(answer: Answer, opening: number): void {
    if (this.#state.state === 'loading') {
      if (answer.sequence !== opening) throw new ProtocolError('an answer before it was asked anything');
      this.#opened(answer);
      return;
    }
    if (this.#flight.length === 0 || answer.sequence !== this.#flight.next)
      throw new ProtocolError(`an answer to call ${answer.sequence}, which is not the next one`);
    const job = this.#flight.shift();
    if (job !== null) this.#settle(job, answer);
  }

  #settle(job: Job, answer: Answer): void {
    try {
      settle(job, answer, this.#spec.outputLimit);
    } catch (error) {
      if (error instanceof ProtocolError) job.fail(crashed({ cause: 'protocol', detail: error.message }, NO_EXIT));
      throw error;
    }
  }

  #opened(answer: Answer): void {
    switch (answer.kind) {
      case ANSWER.ready:
        clearTimeout(this.#loading);
        this.#change({ type: 'loaded' });
        this.#listener.loaded();
        return;
      case ANSWER.refused:
        this.#kill({ cause: 'refused', problems: parseProblems(answer.body) });
        return;
      default:
        throw new ProtocolError(`an answer of kind ${answer.kind} to its opening`);
    }
  }

  /** A begun call's time is over: its process is ended, unless the call itself has ended in between. */
  #endCall(sequence: number): void {
    const others = this.#flight.waiting();
    // First the others are taken, so that none of them can begin between this look and the kill.
    const progress = this.#note.take(others.map((entry) => entry.sequence));
    const moved = others.filter((entry) => this.#flight.stageOf(entry.sequence, progress) === 'not-begun');
    for (const entry of moved) this.#flight.forget(entry.sequence);
    if (this.#flight.stageOf(sequence, progress) === 'running') this.#kill({ cause: 'timeout' });
    this.#move(moved.map((entry) => entry.job));
  }

  /** A call whose caller has hung up finishes unheard, but its deadline holds: nobody else watches it now. */
  #endCallAt(sequence: number, deadline: number): void {
    clearTimeout(this.#guard);
    this.#guard = setTimeout(
      () => {
        if (this.#flight.stageOf(sequence, this.#note.read()) === 'running') this.#endCall(sequence);
      },
      Math.min(Math.max(0, deadline - performance.now()), 2 ** 31 - 1),
    );
  }

  #kill(end: End): void {
    this.#change({ type: 'ends', end });
    this.#process.kill();
  }

  #gone(exit: Exit, error: Error | null): void {
    clearTimeout(this.#loading);
    clearTimeout(this.#guard);
    if (error !== null)
      this.#change({ type: 'ends', end: { cause: 'load', detail: `no process can be started: ${error.message}` } });
    const end = endOf(this.#state, exit);
    // First of all: what is moved below must not come back here.
    this.#change({ type: 'exited', exit });

    const progress = this.#note.read();
    const moved: Job[] = [];
    for (const { job, sequence } of this.#flight.waiting()) {
      if (this.#flight.stageOf(sequence, progress) === 'not-begun') moved.push(job);
      else job.fail(crashed(end, exit));
    }
    this.#note.close();
    this.#process.calls.destroy();
    this.#process.answers.destroy();
    this.#move(moved);
    this.#listener.ended(end);
  }

  #move(jobs: readonly Job[]): void {
    for (const job of jobs) job.takenBack();
    if (jobs.length > 0) this.#listener.moved(jobs);
  }

  #change(event: ChildEvent): void {
    this.#state = next(this.#state, event);
  }
}
