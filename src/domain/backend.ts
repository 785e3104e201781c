import type { Call } from './call.js';
import type { Reply } from './reply.js';

/** The two sides of every plugin. Which technology implements a side is its `kind`. */
export type BackendName = 'legacy' | 'wasm';

export const BACKEND_NAMES = ['legacy', 'wasm'] as const satisfies readonly BackendName[];

/**
 * How many calls an executor (the lanes, one pool of children) takes at once. Backends that share an executor
 * share this very object: the queue in front of them counts by identity.
 */
export interface Window {
  readonly size: number;
  /** How many of them run at the same time, the others behind them; 1 where it is not said. */
  readonly abreast?: number;
}

/**
 * The port that every adapter implements. `call` rejects only with a {@link Failed}; the call's deadline and its
 * caller's hang-up reach the adapter through `call.onStop`. `close` waits for nothing: whoever closes has drained.
 */
export interface Backend {
  readonly window: Window;
  call(call: Call): Promise<Reply>;
  close(): Promise<void>;
}

/** What holds a process with foreign code back: what is in force, not what was asked for. */
export interface Containment {
  readonly network: 'none' | 'all';
  /** `granted`: the system's libraries, its own and its `paths`; `all`: what the gateway's user may. */
  readonly files: 'granted' | 'all';
  readonly processes: 'denied' | 'allowed';
  /** `bubblewrap`, `seccomp`, …: what does it. */
  readonly by: readonly string[];
  /** What was asked for and could not be had, a sentence each. */
  readonly missing: readonly string[];
}

/** Where a backend stands. Times are milliseconds since the epoch, for people to read. */
export type BackendState =
  | { readonly state: 'loading' }
  | {
      readonly state: 'ready';
      readonly pids: readonly number[];
      /** Of code in a process of its own. */
      readonly containment?: Containment;
      /** After a rest: one call at a time is tried, until one has gone well. */
      readonly halfOpen?: true;
      /** Checked as far as that can be done without starting it: its first call does. */
      readonly untried?: true;
    }
  | { readonly state: 'backing-off'; readonly until: number; readonly cause: string }
  | { readonly state: 'tripped'; readonly since: number; readonly until: number; readonly cause: string }
  | { readonly state: 'refused'; readonly problems: readonly Problem[] }
  | { readonly state: 'unloaded' };

/** What an adapter tells about itself between calls. */
export type BackendEvent =
  | { readonly type: 'state'; readonly state: BackendState }
  /** `cause` is one of few words, for counting; `detail` is for people. */
  | { readonly type: 'restart'; readonly cause: string; readonly detail?: string }
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr' | 'log'; readonly line: string }
  /** A guest's HTTP request has ended, redirects included. */
  | { readonly type: 'egress'; readonly outcome: EgressOutcome; readonly durationMs: number };

/**
 * How a guest's HTTP request ended. `answered`: whatever the status; `denied`: by its grant; `invalid`: no request to
 * make; `failed`: name, connection, TLS or answer broken; `timeout`: too late, for a limit or the guest's call; `given-up`: that
 * call ended otherwise.
 */
export type EgressOutcome = 'answered' | 'denied' | 'invalid' | 'failed' | 'timeout' | 'too-large' | 'given-up';

export type Report = (event: BackendEvent) => void;

/** Opens a backend: resolves once it has proved that it can run, rejects with {@link Refused} when it never will. */
export type Open<Spec> = (spec: Spec, report: Report) => Promise<Backend>;

/** A mistake with the place in the plugin's manifest (a JSON pointer) that caused it. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}

/** Thrown by `open` when a backend cannot run as declared; trying again without a change is pointless. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map((problem) => problem.message).join('; '), options);
    this.problems = problems;
  }
}
