import type { Backend, BackendName, Window } from '../domain/backend.js';
import type { Call, Stop } from '../domain/call.js';
import { Failed } from '../domain/failure.js';
import type { Failure } from '../domain/failure.js';
import type { Reply } from '../domain/reply.js';
import { Fifo } from './fifo.js';

/** What a caller is told to wait when a queue is full: long enough for a full queue of short calls to clear. */
const RETRY_AFTER_MS = 1_000;

interface Waiting {
  readonly call: Call;
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
 */
export function queued(backend: Backend, options: QueueOptions): Backend {
  const { name, limit, now = () => performance.now() } = options;
  let executor = executors.get(backend.window);
  if (executor === undefined) executors.set(backend.window, (executor = new Executor(backend.window, now)));
  const shared = executor;
  const waiting = new Fifo<Waiting>();
  const line: Line = { backend, waiting };

  return {
    window: backend.window,
    close: () => backend.close(),
    call(call) {
      if (shared.hasRoom()) return shared.handOver(line, call);
      if (waiting.length >= limit) return Promise.reject(new Failed(overloaded(name, limit), name));
      return new Promise((resolve, reject) => {
        const entry: Waiting = { call, resolve, reject };
        call.onStop = (stop) => {
          if (waiting.remove(entry)) reject(new Failed(stoppedInQueue(stop), name));
        };
        shared.wait(line, entry);
      });
    },
  };
}

/** Counts the calls inside one executor and hands over waiting ones, line by line in turn. */
class Executor {
  readonly #window: Window;
  readonly #now: () => number;
  readonly #lines: Line[] = [];
  #inside = 0;
  #turn = 0;

  constructor(window: Window, now: () => number) {
    this.#window = window;
    this.#now = now;
  }

  hasRoom(): boolean {
    return this.#inside < this.#window.size && this.#lines.length === 0;
  }

  handOver(line: Line, call: Call): Promise<Reply> {
    this.#inside += 1;
    call.onStop = null;
    call.handedOverAt = this.#now();
    const reply = line.backend.call(call);
    reply.then(this.#left, this.#left);
    return reply;
  }

  wait(line: Line, entry: Waiting): void {
    if (line.waiting.length === 0 && !this.#lines.includes(line)) this.#lines.push(line);
    line.waiting.push(entry);
  }

  readonly #left = (): void => {
    this.#inside -= 1;
    while (this.#inside < this.#window.size && this.#lines.length > 0) {
      if (this.#turn >= this.#lines.length) this.#turn = 0;
      const line = this.#lines[this.#turn];
      const entry = line?.waiting.shift();
      if (line === undefined || entry === undefined) {
        this.#lines.splice(this.#turn, 1);
        continue;
      }
      this.#turn += 1;
      entry.resolve(this.handOver(line, entry.call));
    }
  };
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
