import type { Containment, Report } from '../../../../src/domain/backend.js';
import type { Stop } from '../../../../src/domain/call.js';
import type { ContainedProcess, ContainedProgram } from '../../../../src/domain/contained.js';
import type { Exit } from '../../../../src/domain/exit.js';
import type { WasmSpec } from '../../../../src/domain/plugin.js';
import { rateBounded } from '../../lane/log.js';
import { clockOffset } from '../../messages.js';
import { hasBegun, NOTE_BYTES } from '../../note.js';
import type { HostCalls } from '../../parent/host-calls.js';
import { closed, stopped } from '../../parent/outcome.js';
import { FrameReader, ProtocolError } from '../frame-reader.js';
import { callDetail, type Frame, FROM_PROCESS, STOPS, TO_PROCESS } from '../frames.js';
import { FrameWriter } from '../frame-writer.js';
import { Asked } from './asked.js';
import { type Entry, Handed } from './handed.js';
import type { Job } from './job.js';
import { parseEvent, parseFailure, parseMissing, parseProblems } from './parse.js';
import { crashed, type End, endOf, type ProcessState } from './process-state.js';
import type { ProcessSettings } from './settings.js';

/** What a process tells its supervisor. */
export interface ProcessListener {
  loaded(): void;
  /** A call has come to its end in it, and it has not. */
  answered(): void;
  /** These were handed to it and never began there. */
  moved(jobs: readonly Job[]): void;
  /** It is gone; every job that it had is settled or was moved. */
  ended(end: End): void;
}

interface ProcessStart {
  readonly program: ContainedProgram;
  readonly spec: WasmSpec;
  /** The first frame's body. */
  readonly opening: Uint8Array;
  readonly report: Report;
  readonly answer: HostCalls['answer'];
  readonly settings: ProcessSettings;
  readonly listener: ProcessListener;
}

/** Longest text that comes from a process. */
const MOST_TEXT = 1024 * 1024;
const MOST_EVENT = 64 * 1024;
/** What may stand around the bytes in a request: an address, headers. */
const MOST_AROUND = 256 * 1024;
/** Lines that the lanes of a process may log in a second, each bounding itself too. */
const LINES_A_SECOND = 1_000;

const offset = clockOffset();

/** One process of lanes as the gateway sees it. Throws where none can be started. */
export class LaneProcess {
  readonly #spec: WasmSpec;
  readonly #report: Report;
  readonly #log: (line: string) => void;
  readonly #settings: ProcessSettings;
  readonly #listener: ProcessListener;
  readonly #process: ContainedProcess;
  readonly #handed = new Handed();
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #asked: Asked;
  readonly #loading: NodeJS.Timeout;
  #state: ProcessState = { state: 'loading' };
  #missing: readonly string[] | null = null;

  constructor({ program, spec, opening, report, answer, settings, listener }: ProcessStart) {
    this.#spec = spec;
    this.#report = report;
    this.#log = rateBounded(
      (line) => report({ type: 'output', stream: 'log', line }),
      () => performance.now(),
      LINES_A_SECOND,
    );
    this.#settings = settings;
    this.#listener = listener;
    this.#reader = new FrameReader(limitsOf(spec), (frame) => this.#take(frame));
    this.#writer = new FrameWriter((parts) => this.#process.send(parts), setImmediate);
    this.#asked = new Asked({ handed: this.#handed, writer: this.#writer, answer });
    this.#process = settings.contained.start({
      program,
      terms: termsOf(spec),
      noteBytes: NOTE_BYTES,
      report,
      ears: {
        bytes: (chunk) => this.#read(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)),
        started: () => this.#loaded(),
        gone: (exit, error) => this.#gone(exit, error),
      },
    });
    this.#writer.add({ kind: TO_PROCESS.open, number: 0, body: opening });
    const within = settings.startWithinMs + settings.loadWithinMs;
    this.#loading = setTimeout(() => {
      this.#end({ cause: 'load', detail: `it was not loaded within ${within} ms` });
    }, within);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get containment(): Containment {
    return this.#process.containment(this.#missing ?? []);
  }

  /** How many calls it has; infinite when it takes none. */
  get load(): number {
    return this.#state.state === 'ready' && this.#handed.hasRoom ? this.#handed.size : Infinity;
  }

  hand(job: Job): void {
    const { call, functionIndex } = job;
    const entry = this.#handed.add(job);
    call.onStop = (stop) => this.#stop(entry, stop);
    this.#writer.add({
      kind: TO_PROCESS.call,
      number: entry.number,
      detail: callDetail(functionIndex, call.caller !== null),
      time: call.deadline + offset,
      body: call.input,
    });
  }

  /** Ends it, whatever it does. */
  close(): void {
    for (const { job } of this.#handed.removeAll()) job.fail(closed());
    this.#asked.giveUpAll();
    this.#end({ cause: 'closed' });
  }

  /** Nobody waits for this call any more. One that has begun fails at once; of another one the process says whether it will. */
  #stop(entry: Entry, stop: Stop): void {
    if (hasBegun(this.#process.readNote(), entry.number)) entry.job.fail(stopped(stop, true));
    this.#writer.add({ kind: TO_PROCESS.stop, number: entry.number, detail: STOPS.indexOf(stop) });
    entry.alarm = setTimeout(() => this.#end({ cause: 'stuck' }), this.#settings.graceMs);
  }

  #read(chunk: Buffer): void {
    if (this.#state.state !== 'loading' && this.#state.state !== 'ready') return;
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#end({ cause: 'protocol', detail: error.message });
    }
  }

  #take(frame: Frame): void {
    const { kind, number, body } = frame;
    switch (kind) {
      case FROM_PROCESS.ready:
      case FROM_PROCESS.refused:
        this.#opened(frame);
        return;
      case FROM_PROCESS.reply:
        this.#answered(number, (job) => job.reply(body));
        return;
      case FROM_PROCESS.failure: {
        const failure = parseFailure(body, this.#spec.outputLimit);
        this.#answered(number, (job) => job.fail(failure));
        return;
      }
      case FROM_PROCESS.ask:
        this.#asked.ask(frame);
        return;
      case FROM_PROCESS.giveUp:
        this.#asked.giveUp(number);
        return;
      case FROM_PROCESS.event: {
        const event = parseEvent(body);
        if (event.type === 'output') this.#log(event.line);
        else this.#report(event);
        return;
      }
      default:
        throw new ProtocolError(`a frame of kind ${kind}`);
    }
  }

  #opened({ kind, body }: Frame): void {
    if (this.#state.state !== 'loading' || this.#missing !== null)
      throw new ProtocolError('a second answer to its opening');
    if (kind === FROM_PROCESS.refused) {
      this.#end({ cause: 'refused', problems: parseProblems(body) });
      return;
    }
    this.#missing = parseMissing(body);
    this.#loaded();
  }

  /** When it has said so, and its number is known. */
  #loaded(): void {
    if (this.#state.state !== 'loading' || this.#missing === null || this.#process.pid === undefined) return;
    clearTimeout(this.#loading);
    const { missing } = this.containment;
    if (this.#spec.containment === 'required' && missing.length > 0) {
      const pointer = '/backends/wasm/containment';
      const problems = missing.map((message) => ({ pointer, message: `containment is required, but ${message}` }));
      this.#end({ cause: 'refused', problems });
      return;
    }
    this.#state = { state: 'ready' };
    this.#listener.loaded();
  }

  #answered(number: number, settle: (job: Job) => void): void {
    const entry = this.#handed.find(number);
    if (entry === null) throw new ProtocolError(`an answer to call ${number}, which it does not have`);
    // One whose caller hung up goes on, unheard, and its lane sleeps until it has what it asked for.
    if (entry.job.call.stopped !== 'cancelled') this.#asked.giveUp(number);
    this.#handed.remove(entry, performance.now());
    settle(entry.job);
    this.#listener.answered();
  }

  #end(end: End): void {
    if (this.#state.state === 'ending' || this.#state.state === 'ended') return;
    clearTimeout(this.#loading);
    this.#state = { state: 'ending', end };
    this.#process.kill();
  }

  #gone(exit: Exit, error: Error | null): void {
    clearTimeout(this.#loading);
    const cannot = error === null ? null : `no process can be started: ${error.message}`;
    const end: End = cannot === null ? endOf(this.#state, exit) : { cause: 'load', detail: cannot };
    // First of all: what is moved below must not come back here.
    this.#state = { state: 'ended', end };
    const note = this.#process.readNote();
    const moved: Job[] = [];
    this.#asked.giveUpAll();
    for (const { job, number } of this.#handed.removeAll()) {
      const { stopped: stop } = job.call;
      if (hasBegun(note, number)) job.fail(crashed(end, exit));
      else if (stop !== null) job.fail(stopped(stop, false));
      else moved.push(job);
    }
    if (moved.length > 0) this.#listener.moved(moved);
    this.#listener.ended(end);
  }
}

/** What a process of lanes may reach: nothing that is not granted, and the network never, since the gateway has that for it. */
export function termsOf({ containment, paths }: WasmSpec): Parameters<ProcessSettings['contained']['problem']>[0] {
  // Where they lie on the host: in there they are granted to the guest under the names that it knows.
  const shown = [...paths.values()].map((written): [string, string] => [written.replace(/^rw:/, ''), written]);
  return { containment, rights: { network: false, spawn: false, paths: new Map(shown) } };
}

function limitsOf({ outputLimit, memory }: WasmSpec): readonly number[] {
  const limits: number[] = [];
  limits[FROM_PROCESS.ready] = MOST_TEXT;
  limits[FROM_PROCESS.refused] = MOST_TEXT;
  limits[FROM_PROCESS.reply] = outputLimit;
  limits[FROM_PROCESS.failure] = MOST_TEXT;
  limits[FROM_PROCESS.ask] = memory + MOST_AROUND;
  limits[FROM_PROCESS.giveUp] = 0;
  limits[FROM_PROCESS.event] = MOST_EVENT;
  return limits;
}
