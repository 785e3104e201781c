import { randomInt } from 'node:crypto';
import type { Report } from '../../../src/domain/backend.js';
import type { Stop } from '../../../src/domain/call.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import { ANSWER, DEPTH, OPENING } from '../protocol/frames.js';
import { RAW_OFFSET } from '../protocol/monotonic.js';
import { AnswerReader, ProtocolError, type Answer } from './answer-reader.js';
import { type ChildEvent, type ChildState, type End, endOf, type Exit, next } from './child-state.js';
import { closed, crashed, stopped } from './failures.js';
import { Flight, type Stage } from './flight.js';
import type { Job } from './job.js';
import { Note, type Progress } from './note.js';
import { encodeOpening } from '../protocol/opening.js';
import { libraryOpening, parseRefusals } from './opening.js';
import { Outbox } from './outbox.js';
import { reportLines } from './output-lines.js';
import { type Spawned, spawnOn } from './spawn.js';
import type { NativeSettings } from './settings.js';
import { settle } from './settle.js';

/** The longest delay that a timer takes. */
const LONGEST_TIMER = 2 ** 31 - 1;
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
  readonly #settings: NativeSettings;
  readonly #listener: ChildListener;
  readonly #process: Spawned;
  readonly #note: Note;
  readonly #flight: Flight;
  readonly #outbox: Outbox;
  readonly #loading: NodeJS.Timeout;
  #state: ChildState = { state: 'loading' };
  #guard: NodeJS.Timeout | undefined;
  /** When it last answered, or got a call while it had none. */
  #aliveAt = 0;

  constructor(
    spec: NativeSpec,
    bytes: Uint8Array | null,
    settings: NativeSettings,
    report: Report,
    listener: ChildListener,
  ) {
    this.#spec = spec;
    this.#settings = settings;
    this.#listener = listener;
    // Not from 0: whatever zeroes the note cannot make it say that nothing has begun.
    const opening = randomInt(2 ** 32);
    const first = (opening + 1) >>> 0;
    this.#note = new Note(first);
    this.#flight = new Flight(first);
    this.#process = spawnOn(this.#note, spec, settings.environment);
    this.#process.onGone((exit, error) => this.#gone(exit, error));
    const reader = new AnswerReader(spec.outputLimit, (answer) => this.#answer(answer, opening));
    this.#process.answers.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    reportLines(this.#process.stdout, 'stdout', report, settings.now);
    reportLines(this.#process.stderr, 'stderr', report, settings.now);
    this.#outbox = new Outbox(this.#process.calls);
    this.#outbox.add(
      opening,
      OPENING,
      Infinity,
      encodeOpening(
        { memory: spec.memory, confine: null, libraries: [libraryOpening(spec, bytes, 0)] },
        bytes === null ? [] : [bytes],
      ),
    );
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
    if (this.#flight.length === 0) this.#aliveAt = this.#settings.now();
    const sequence = this.#flight.add(job);
    job.handedTo(this, sequence);
    this.#outbox.add(sequence, job.function, job.call.deadline + RAW_OFFSET, job.call.input);
  }

  /** Nobody waits for this call of the child's any more. */
  stop(job: Job, sequence: number, stop: Stop): void {
    const stage = this.#flight.stageOf(sequence, this.#note.take([sequence]));
    this.#flight.forget(sequence);
    job.fail(stopped(stop, stage !== 'not-begun'));
    if (stage === 'running') this.#endCallAt(sequence, stop === 'timeout' ? -Infinity : job.call.deadline);
    else if (stop === 'timeout' && this.#seemsStuck()) this.#suspect();
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
      this.#endChild({ cause: 'protocol', detail: error.message });
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
    this.#aliveAt = this.#settings.now();
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
        this.#kill({ cause: 'refused', problems: parseRefusals(answer.body).flatMap(({ problems }) => problems) });
        return;
      default:
        throw new ProtocolError(`an answer of kind ${answer.kind} to its opening`);
    }
  }

  /**
   * Ends a running call at its deadline by ending the process, unless the call has ended by then. A call whose caller has
   * hung up finishes unheard, but its deadline holds, and nobody else watches it any more.
   */
  #endCallAt(sequence: number, deadline: number): void {
    clearTimeout(this.#guard);
    const left = deadline - this.#settings.now();
    if (left > 0) this.#guard = setTimeout(() => this.#endCallAt(sequence, deadline), Math.min(left, LONGEST_TIMER));
    else if (this.#stageOf(sequence) === 'running') this.#endChild({ cause: 'timeout' }, sequence);
  }

  /** A call ran out of time although none was running: it waits in a child that begins none, or for a lost answer. */
  #seemsStuck(): boolean {
    if (this.#state.state !== 'ready' || this.#flight.length === 0) return false;
    const quiet = this.#settings.now() - this.#aliveAt >= this.#settings.stuckMs;
    return quiet && this.#stageOf(this.#flight.next) !== 'running';
  }

  /** Looks again after a whole poll: perhaps it was this process that was late, and the answer was only not read. */
  #suspect(): void {
    setImmediate(() => {
      setImmediate(() => {
        if (this.#seemsStuck()) this.#endChild({ cause: 'stuck' });
      });
    });
  }

  #stageOf(sequence: number): Stage {
    return this.#flight.stageOf(sequence, this.#note.read());
  }

  /** Ends the process; with `running`, only if that call still runs once the others are safe. */
  #endChild(end: End, running: number | null = null): void {
    // First the others are taken back, so that none of them can begin between the look and the kill.
    const { progress, jobs } = this.#takeBack();
    if (running === null || this.#flight.stageOf(running, progress) === 'running') this.#kill(end);
    this.#move(jobs);
  }

  /** Takes back every call that has not begun, for good; what is left has begun. */
  #takeBack(): { progress: Progress; jobs: Job[] } {
    const waiting = this.#flight.waiting();
    const progress = this.#note.take(waiting.map((entry) => entry.sequence));
    const taken = waiting.filter((entry) => this.#flight.stageOf(entry.sequence, progress) === 'not-begun');
    for (const entry of taken) this.#flight.forget(entry.sequence);
    return { progress, jobs: taken.map((entry) => entry.job) };
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
