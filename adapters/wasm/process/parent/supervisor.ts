import { Refused, type Report } from '../../../../src/domain/backend.js';
import type { Call } from '../../../../src/domain/call.js';
import type { Reply } from '../../../../src/domain/reply.js';
import { RestartWindow } from '../../../../src/domain/restart-window.js';
import { failed, stopped } from '../../parent/outcome.js';
import { Job } from './job.js';
import type { LaneProcess, ProcessListener } from './lane-process.js';
import { describeEnd, type End, problemsOf } from './process-state.js';
import type { ProcessSettings } from './settings.js';
import { describe, refusal, type SupervisorState, taker } from './supervisor-state.js';

export interface SupervisorOptions {
  /** Starts a process. Throws where none can be had. */
  readonly start: (listener: ProcessListener) => LaneProcess;
  readonly report: Report;
  readonly settings: Pick<ProcessSettings, 'restarts' | 'backoff' | 'random'>;
}

/** Keeps one process of lanes alive, and hands it the backend's calls, which wait here while there is none. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #window: RestartWindow;
  #backlog: Job[] = [];
  #state: SupervisorState;
  #open: { resolve(): void; reject(error: Error): void } | null = null;
  #gone: (() => void) | null = null;

  /** Throws where no process can be started. */
  constructor(options: SupervisorOptions) {
    this.#options = options;
    const { restarts, backoff, random } = options.settings;
    this.#window = new RestartWindow(restarts, backoff, random);
    this.#state = { state: 'opening', process: options.start(this.#listener) };
  }

  /** Resolves when the first process is ready; rejects with Refused. */
  opened(): Promise<void> {
    return new Promise((resolve, reject) => (this.#open = { resolve, reject }));
  }

  call(call: Call, functionIndex: number): Promise<Reply> {
    if (call.stopped !== null) return Promise.reject(failed(stopped(call.stopped, false)));
    const failure = refusal(this.#state, call.deadline, performance.now());
    if (failure !== null) return Promise.reject(failed(failure));
    return new Promise((resolve, reject) => {
      const job = new Job(call, functionIndex, resolve, reject);
      if (this.#backlog.length > 0 || !this.#hand(job)) this.#wait(job);
    });
  }

  /** Ends the process; resolves when it is gone. */
  close(): Promise<void> {
    const state = this.#state;
    if (state.state === 'closed') return Promise.resolve();
    if ('timer' in state) clearTimeout(state.timer);
    const process = 'process' in state ? state.process : null;
    this.#change({ state: 'closed', process });
    this.#handOver();
    if (process === null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#gone = resolve;
      process.close();
    });
  }

  readonly #listener: ProcessListener = {
    loaded: () => this.#loaded(),
    answered: () => {
      // A call has come to its end, and the process has not: that is what was to be shown.
      if (this.#state.state === 'half-open') {
        this.#window.clear();
        this.#change({ state: 'serving', process: this.#state.process });
      }
      this.#handOver();
    },
    moved: (jobs) => {
      // They were first in line once, and stay so.
      for (const job of jobs) this.#ear(job);
      this.#backlog.unshift(...jobs);
    },
    ended: (end) => {
      this.#ended(end);
      this.#handOver();
    },
  };

  #loaded(): void {
    switch (this.#state.state) {
      case 'opening':
      case 'restarting':
        this.#change({ state: 'serving', process: this.#state.process });
        break;
      case 'probing':
        this.#change({ state: 'half-open', process: this.#state.process });
        break;
      case 'serving':
      case 'half-open':
      case 'backing-off':
      case 'tripped':
      case 'closed':
        return;
      default:
        this.#state satisfies never;
    }
    this.#open?.resolve();
    this.#open = null;
    this.#handOver();
  }

  #ended(end: End): void {
    switch (this.#state.state) {
      case 'opening':
        this.#open?.reject(new Refused(problemsOf(end)));
        this.#state = { state: 'closed', process: null };
        return;
      case 'serving':
      case 'restarting':
        this.#replace(end);
        return;
      case 'probing':
      case 'half-open':
        this.#trip(end);
        return;
      case 'backing-off':
      case 'tripped':
        return;
      case 'closed':
        this.#gone?.();
        return;
      default:
        this.#state satisfies never;
    }
  }

  #replace(end: End): void {
    const now = performance.now();
    const delay = this.#window.next(now);
    if (delay === null) this.#trip(end);
    else if (delay === 0) this.#restart(end);
    else {
      const timer = setTimeout(() => this.#restart(end), delay);
      this.#change({ state: 'backing-off', until: now + delay, cause: describeEnd(end), timer });
    }
  }

  #restart(end: End): void {
    this.#options.report({ type: 'restart', cause: end.cause, detail: describeEnd(end) });
    this.#start(
      (process) => ({ state: 'restarting', process }),
      (why) => this.#replace(why),
    );
  }

  #trip(end: End): void {
    const { restMs } = this.#options.settings.restarts;
    const rest = { cause: describeEnd(end), sinceAt: Date.now(), until: performance.now() + restMs };
    const timer = setTimeout(() => {
      this.#options.report({ type: 'restart', cause: end.cause, detail: rest.cause });
      this.#start(
        (process) => ({ ...rest, state: 'probing', process }),
        (why) => this.#trip(why),
      );
    }, restMs);
    this.#change({ ...rest, state: 'tripped', timer });
  }

  #start(next: (process: LaneProcess) => SupervisorState, cannot: (end: End) => void): void {
    try {
      this.#change(next(this.#options.start(this.#listener)));
    } catch (error) {
      cannot({ cause: 'load', detail: `no process can be started: ${(error as Error).message}` });
    }
  }

  #hand(job: Job): boolean {
    const process = taker(this.#state);
    process?.hand(job);
    return process !== null;
  }

  /** Hands over what waits, as far as there is room; what can't be taken any more is told so. */
  #handOver(): void {
    if (this.#backlog.length === 0) return;
    const waiting = this.#backlog;
    this.#backlog = [];
    for (const job of waiting) {
      const failure = refusal(this.#state, job.call.deadline, performance.now());
      if (failure !== null) job.fail(failure);
      else if (!this.#hand(job)) this.#backlog.push(job);
    }
  }

  #wait(job: Job): void {
    this.#ear(job);
    this.#backlog.push(job);
  }

  #ear(job: Job): void {
    job.call.onStop = (stop) => {
      this.#backlog = this.#backlog.filter((waiting) => waiting !== job);
      job.fail(stopped(stop, false));
    };
  }

  #change(state: SupervisorState): void {
    this.#state = state;
    this.#options.report({ type: 'state', state: describe(state) });
  }
}
