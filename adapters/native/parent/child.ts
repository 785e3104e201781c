import type { Containment } from '../../../src/domain/backend.js';
import type { Stop } from '../../../src/domain/call.js';
import type { Exit } from '../../../src/domain/exit.js';
import { ANSWER, DEPTH, OPENING } from '../protocol/frames.js';
import { RAW_OFFSET } from '../protocol/monotonic.js';
import { Alarm } from './alarm.js';
import { AnswerReader, ProtocolError, type Answer } from './answer-reader.js';
import type { Blank } from './blank.js';
import { type ChildEvent, type ChildState, type End, endOf, next } from './child-state.js';
import { withMissing } from './launch/containment.js';
import { closed, crashed, stopped } from './failures.js';
import { Handed, type Taken } from './handed.js';
import type { Job } from './job.js';
import type { Roster } from './member.js';
import type { Note } from './note.js';
import { containmentRefusal, openingFrame, parseOpening } from './opening.js';
import { Outbox } from './outbox.js';
import { reportOutput } from './output-lines.js';
import { afterReading, closeChannels, type Spawned } from './launch/spawned.js';
import type { NativeSettings } from './settings.js';
import { settle } from './settle.js';

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
  readonly roster: Roster;
  readonly #settings: NativeSettings;
  readonly #listener: ChildListener;
  readonly #process: Spawned;
  readonly #note: Note;
  readonly #opening: number;
  readonly #handed: Handed;
  readonly #outbox: Outbox;
  #state: ChildState = { state: 'loading' };
  #missing: readonly string[] = [];
  #answered = 0;
  readonly #guard: Alarm;
  /** When it last answered, or got a call while it had none. */
  #aliveAt = 0;

  constructor(blank: Blank, roster: Roster, settings: NativeSettings, listener: ChildListener) {
    this.roster = roster;
    this.#settings = settings;
    this.#guard = new Alarm(settings.now);
    this.#listener = listener;
    this.#process = blank.process;
    this.#note = blank.note;
    this.#opening = blank.opening;
    this.#handed = new Handed(blank.note, blank.opening);
    blank.onGone((exit, error) => this.#gone(exit, error));
    const outputLimit = Math.max(...roster.map(({ spec }) => spec.outputLimit));
    const reader = new AnswerReader(outputLimit, (answer) => this.#answer(answer));
    this.#process.answers.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    reportOutput(this.#process, roster, settings.now);
    this.#outbox = new Outbox(this.#process.calls);
    this.#guard.set(settings.now() + settings.loadTimeoutMs, () => {
      this.#kill({ cause: 'load', detail: `it was not loaded within ${settings.loadTimeoutMs} ms` });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get containment(): Containment {
    return withMissing(this.#process.containment, this.#missing);
  }

  /** How many calls it has; infinite when it takes none. */
  get load(): number {
    return this.#state.state === 'ready' && this.#handed.length < DEPTH ? this.#handed.length : Infinity;
  }

  /** How many calls it has answered. */
  get answered(): number {
    return this.#answered;
  }

  /** Tells the process what to load: the bytes of each library of the roster, null where it is loaded from its path. */
  open(libraries: readonly (Uint8Array | null)[]): void {
    if (this.#state.state !== 'loading') return;
    this.#outbox.add(this.#opening, OPENING, Infinity, openingFrame(this.roster, libraries));
  }

  /** Ends a process that has not been told what to load, and will not be. */
  abandon(end: End): void {
    this.#kill(end);
  }

  hand(job: Job): void {
    if (this.#handed.length === 0) this.#aliveAt = this.#settings.now();
    const sequence = this.#handed.add(job);
    job.handedTo(this, sequence);
    this.#outbox.add(sequence, job.target.id, job.call.deadline + RAW_OFFSET, job.call.input);
  }

  /** Nobody waits for this call of the child's any more. */
  stop(job: Job, sequence: number, stop: Stop): void {
    const stage = this.#handed.release(sequence);
    job.fail(stopped(stop, stage !== 'not-begun'));
    if (stage === 'running') this.#endCallAt(sequence, stop === 'timeout' ? -Infinity : job.call.deadline);
    else if (stop === 'timeout' && this.#seemsStuck()) this.#suspect();
  }

  /** Gives back up to so many calls, the last ones, that have not begun and will not begin here. */
  giveBack(count: number): readonly Job[] {
    return this.#handed.takeBack(count).jobs;
  }

  /** Takes no more calls, and leaves once the running one is answered; the others are run elsewhere. */
  retire(): void {
    if (this.#state.state === 'loading') {
      this.#kill({ cause: 'recycled' });
      return;
    }
    this.#change({ type: 'ends', end: { cause: 'recycled' } });
    this.#move(this.#handed.takeBack().jobs);
    this.#leaveIfDone();
  }

  /** Ends the process: by itself if it is idle, by force if it runs a call or does not go in time. */
  close(): void {
    const busy = this.#handed.length > 0 || this.#state.state === 'loading';
    this.#change({ type: 'ends', end: { cause: 'closed' } });
    for (const job of this.#handed.forgetAll()) job.fail(closed());
    if (busy) {
      this.#process.kill();
      return;
    }
    this.#leave();
  }

  #leaveIfDone(): void {
    if (this.#state.state !== 'ending' || this.#state.end.cause !== 'recycled') return;
    if (this.#handed.length === 0) this.#leave();
    // All that it owes is to say what it has dropped. One that does not get to that never will.
    else if (!this.#handed.runs()) this.#killAfterGrace();
  }

  #leave(): void {
    this.#process.calls.end();
    this.#killAfterGrace();
  }

  #killAfterGrace(): void {
    this.#guard.set(this.#settings.now() + this.#settings.graceMs, () => this.#process.kill());
  }

  #read(reader: AnswerReader, chunk: Buffer): void {
    try {
      if (this.#state.state !== 'ending' || this.#state.end.cause !== 'protocol') reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#endChild({ cause: 'protocol', detail: error.message });
    }
    this.#leaveIfDone();
    this.#listener.answered();
  }

  #answer(answer: Answer): void {
    if (this.#state.state === 'loading') {
      if (answer.sequence !== this.#opening) throw new ProtocolError('an answer before it was asked anything');
      this.#opened(answer);
      return;
    }
    if (this.#handed.length === 0 || answer.sequence !== this.#handed.next)
      throw new ProtocolError(`an answer to call ${answer.sequence}, which is not the next one`);
    const job = this.#handed.shift();
    this.#aliveAt = this.#settings.now();
    // Only what it has run says anything about it.
    if (answer.kind !== ANSWER.expired && answer.kind !== ANSWER.dropped) this.#answered += 1;
    if (job === null) return;
    // It was taken back in the very moment in which it began: each side saw the other, and the child gave way.
    if (answer.kind === ANSWER.dropped && this.#handed.wasTaken(answer.sequence)) {
      job.takenBack();
      this.#move([job]);
    } else settle(job, answer);
  }

  #opened(answer: Answer): void {
    const opened = parseOpening(this.roster, answer);
    if ('refused' in opened) {
      this.#kill({ cause: 'refused', members: opened.refused });
      return;
    }
    this.#missing = opened.missing;
    this.#process.onPid(() => this.#loaded());
  }

  /**
   * Ends a running call at its deadline by ending the process, unless the call has ended by then. A call whose caller has
   * hung up finishes unheard, but its deadline holds, and nobody else watches it any more.
   */
  #endCallAt(sequence: number, deadline: number): void {
    this.#guard.set(deadline, () => {
      if (this.#handed.stageOf(sequence) === 'running')
        this.#endChild({ cause: 'timeout' }, ({ stageOf }) => stageOf(sequence) === 'running');
    });
  }

  /** A call ran out of time although none was running: it waits in a child that begins none, or for a lost answer. */
  #seemsStuck(): boolean {
    if (this.#state.state !== 'ready' || this.#handed.length === 0) return false;
    const quiet = this.#settings.now() - this.#aliveAt >= this.#settings.stuckMs;
    return quiet && this.#handed.stageOf(this.#handed.next) !== 'running';
  }

  /**
   * Looks again after a whole poll: perhaps it was this process that was late, and the answer was only not read. One that
   * has come any further meanwhile had only no processor.
   */
  #suspect(): void {
    const { begun, finished } = this.#handed.progress();
    afterReading(() => {
      if (this.#seemsStuck())
        this.#endChild({ cause: 'stuck' }, (taken) => taken.begun === begun && taken.finished === finished);
    });
  }

  /** Ends the process, if `still` holds once the calls that have not begun are safe. */
  #endChild(end: End, still: (taken: Taken) => boolean = () => true): void {
    // First those are taken back, so that none of them can begin between the look and the kill.
    const taken = this.#handed.takeBack();
    if (still(taken)) this.#kill(end);
    this.#move(taken.jobs);
  }

  #kill(end: End): void {
    this.#change({ type: 'ends', end });
    this.#process.kill();
  }

  #gone(exit: Exit, error: Error | null): void {
    this.#guard.clear();
    if (error !== null)
      this.#change({ type: 'ends', end: { cause: 'load', detail: `no process can be started: ${error.message}` } });
    const end = endOf(this.#state, exit);
    // First of all: what is moved below must not come back here.
    this.#change({ type: 'exited', exit });

    const { notBegun, begun } = this.#handed.divide();
    for (const job of begun) job.fail(crashed(end, exit));
    this.#note.close();
    closeChannels(this.#process);
    this.#move(notBegun);
    this.#listener.ended(end);
  }

  #loaded(): void {
    if (this.#state.state !== 'loading') return;
    this.#guard.clear();
    const refusal = containmentRefusal(this.roster, this.containment);
    if (refusal !== null) {
      this.#kill({ cause: 'refused', members: refusal });
      return;
    }
    this.#change({ type: 'loaded' });
    this.#listener.loaded();
  }

  #move(jobs: readonly Job[]): void {
    if (jobs.length > 0) this.#listener.moved(jobs);
  }

  readonly #change = (event: ChildEvent): void => void (this.#state = next(this.#state, event));
}
