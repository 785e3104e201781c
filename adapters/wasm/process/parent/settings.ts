import type { ContainedProcesses } from '../../../../src/domain/contained.js';
import type { Backoff, RestartBudget } from '../../../../src/domain/restart-window.js';
import { type AnswerHostCall, refuseAll } from '../../parent/host-calls.js';

export interface ProcessSettings {
  readonly contained: ContainedProcesses;
  /** Lanes in each process. */
  readonly lanes: number;
  /** Calls handed over for each lane. */
  readonly depth: number;
  /** How calls get what they ask for. */
  readonly answer: AnswerHostCall;
  /** Milliseconds that a module has for its start. */
  readonly startWithinMs: number;
  /** Milliseconds that a process has besides that until it is ready. */
  readonly loadWithinMs: number;
  /** Milliseconds after which a process is ended that has not said what became of a call that was stopped. */
  readonly graceMs: number;
  /** More restarts than that trip the backend; after the rest one process is tried. */
  readonly restarts: RestartBudget & { readonly restMs: number };
  readonly backoff: Backoff;
  /** A number in [0, 1). */
  readonly random: () => number;
}

export type ProcessOptions = Pick<ProcessSettings, 'contained' | 'lanes'> & Partial<ProcessSettings>;

export function settingsOf(options: ProcessOptions): ProcessSettings {
  return {
    depth: 16,
    answer: refuseAll,
    startWithinMs: 10_000,
    loadWithinMs: 10_000,
    graceMs: 1_000,
    restarts: { max: 5, withinMs: 60_000, restMs: 10_000 },
    backoff: { baseMs: 20, maxMs: 500 },
    random: Math.random,
    ...options,
  };
}
