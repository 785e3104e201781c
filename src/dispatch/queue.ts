import type { Backend, BackendName, Window } from '../domain/backend.js';
import type { Call, Stop } from '../domain/call.js';
import { Failed } from '../domain/failure.js';
import type { Failure } from '../domain/failure.js';
import type { Reply } from '../domain/reply.js';
import { Fifo, type Place } from './fifo.js';

/** What a caller is told to wait when a queue is full: long enough for a full queue of short calls to clear. */
const RETRY_AFTER_MS = 1_000;

interface Waiting {
  readonly call: Call;
  readonly line: Line;
  /** Where it stands. */
  readonly among: Fifo<Waiting>;
  readonly resolve: (reply: Reply | Promise<Reply>) => void;
  readonly reject: (failed: Failed) => void;
}

interface Line {
  readonly backend: Backend;
  readonly waiting: Fifo<Waiting>;
}

interface QueueOptions {
  readonly name: BackendName;
  /** Calls that may wait; one more is `overloaded`. */
  readonly limit: number;
  readonly now?: () => number;
}

/** The executors that are known by their windows. Weak: an executor that is gone takes its scheduler along. */
const executors = new WeakMap<Window, Executor>();

/**
 * A backend with a bounded queue in front: at most `window.size` calls are inside the executor that the backend shares
 * with others, the rest wait here, where they can still be dropped, and take turns with the other backends' calls.
 * A call that waits for another one holds no place meanwhile, and what it waits for goes first: so nested calls never
 * wait for each other's places. Mirrored calls go last, when no other waits, and leave at least one of what runs calls
 * abreast to those that somebody waits for.
 */
export function queued(backend: Backend, options: QueueOptions): Backend {
  const { name, limit, now = () => performance.now() } = options;
  let executor = executors.get(backend.window);
  if (executor === undefined) executors.set(backend.window, (executor = new Executor(backend.window, now)));
  const shared = executor;
  const line: Line = { backend, waiting: new Fifo() };

  return {
    window: backend.window,
    close: () => backend.close(),
    call(call) {
      if (shared.hasRoom(call)) return shared.handOver(line, call);
      const among = shared.fifoFor(line, call);
      // Nested calls are no more than there are lanes to make them, mirrored ones no more than the mirror lets in.
      if (among === line.waiting && among.length >= limit)
        return Promise.reject(new Failed(overloaded(name, limit), name));
      return new Promise((resolve, reject) => {
        const place = shared.wait({ call, line, among, resolve, reject });
        call.onStop = (stop) => {
          if (among.leave(place)) reject(new Failed(stoppedInQueue(stop), name));
        };
      });
    },
  };
}

/** Counts the calls inside one executor and hands over waiting ones: nested, then line by line in turn, then mirrored. */
class Executor {
  readonly nested = new Fifo<Waiting>();
  readonly #mirrored = new Fifo<Waiting>();
  readonly #mostMirrored: number;
  readonly #window: Window;
  readonly #now: () => number;
  readonly #lines: Line[] = [];
  #inside = 0;
  #mirroredInside = 0;
  #turn = 0;

  constructor(window: Window, now: () => number) {
    this.#window = window;
    this.#now = now;
    this.#mostMirrored = Math.max(1, (window.abreast ?? 1) - 1);
  }

  fifoFor(line: Line, call: Call): Fifo<Waiting> {
    if (call.caller !== null) return this.nested;
    return isMirrored(call) ? this.#mirrored : line.waiting;
  }

  hasRoom(call: Call): boolean {
    if (this.#inside >= this.#window.size || this.nested.length > 0) return false;
    if (isMirrored(call) && (this.#mirroredInside >= this.#mostMirrored || this.#mirrored.length > 0)) return false;
    return this.#lines.length === 0 || call.caller !== null;
  }

  handOver(line: Line, call: Call): Promise<Reply> {
    this.#inside += 1;
    call.onStop = null;
    call.onParked = this.#parked;
    call.handedOverAt = this.#now();
    const reply = line.backend.call(call);
    if (isMirrored(call)) {
      this.#mirroredInside += 1;
      reply.then(this.#mirroredLeft, this.#mirroredLeft);
    } else {
      reply.then(this.#left, this.#left);
    }
    return reply;
  }

  wait(entry: Waiting): Place<Waiting> {
    const { line, among } = entry;
    if (among === line.waiting && among.length === 0 && !this.#lines.includes(line)) this.#lines.push(line);
    return among.push(entry);
  }

  readonly #left = (): void => {
    this.#inside -= 1;
    this.#fill();
  };

  readonly #mirroredLeft = (): void => {
    this.#mirroredInside -= 1;
    this.#left();
  };

  readonly #parked = (parked: boolean): void => {
    // Back it comes also where its place has been taken: it has begun.
    this.#inside += parked ? -1 : 1;
    if (parked) this.#fill();
  };

  #fill(): void {
    while (this.#inside < this.#window.size) {
      const entry = this.nested.shift() ?? this.#nextInTurn() ?? this.#nextMirrored();
      if (entry === null) return;
      entry.resolve(this.handOver(entry.line, entry.call));
    }
  }

  #nextMirrored(): Waiting | null {
    return this.#mirroredInside < this.#mostMirrored ? (this.#mirrored.shift() ?? null) : null;
  }

  #nextInTurn(): Waiting | null {
    while (this.#lines.length > 0) {
      if (this.#turn >= this.#lines.length) this.#turn = 0;
      const entry = this.#lines[this.#turn]?.waiting.shift();
      if (entry !== undefined) {
        this.#turn += 1;
        return entry;
      }
      this.#lines.splice(this.#turn, 1);
    }
    return null;
  }
}

/** Those that a mirrored call makes are waited for by it. */
function isMirrored(call: Call): boolean {
  return call.role === 'shadow' && call.caller === null;
}

function overloaded(name: BackendName, limit: number): Failure {
  return {
    code: 'overloaded',
    detail: `the queue of the ${name} backend is full (${limit} calls wait)`,
    retryAfterMs: RETRY_AFTER_MS,
  };
}

function stoppedInQueue(stop: Stop): Failure {
  switch (stop) {
    case 'timeout':
      return { code: 'timeout', detail: 'the deadline passed while the call waited in the queue', begun: false };
    case 'cancelled':
      return { code: 'cancelled', detail: 'the caller hung up while the call waited in the queue', begun: false };
    default:
      return stop satisfies never;
  }
}
