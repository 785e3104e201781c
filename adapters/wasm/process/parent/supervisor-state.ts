import type { BackendState } from '../../../../src/domain/backend.js';
import type { Failure } from '../../../../src/domain/failure.js';
import { closed } from '../../parent/outcome.js';
import type { LaneProcess } from './lane-process.js';

interface Rest {
  readonly cause: string;
  /** Milliseconds since the epoch. */
  readonly sinceAt: number;
  /** On the monotonic clock. */
  readonly until: number;
}

/** Where a backend in a process of its own stands. */
export type SupervisorState =
  /** Its first process is loading: the backend is not open yet. */
  | { readonly state: 'opening'; readonly process: LaneProcess }
  | { readonly state: 'serving'; readonly process: LaneProcess }
  /** A further one is loading. */
  | { readonly state: 'restarting'; readonly process: LaneProcess }
  | {
      readonly state: 'backing-off';
      readonly cause: string;
      /** On the monotonic clock. */
      readonly until: number;
      readonly timer: NodeJS.Timeout;
    }
  /** Over its budget of restarts: it rests, then one process is tried. */
  | ({ readonly state: 'tripped'; readonly timer: NodeJS.Timeout } & Rest)
  /** That one is loading. */
  | ({ readonly state: 'probing'; readonly process: LaneProcess } & Rest)
  /** That one is loaded, and gets one call at a time until one has been answered. */
  | { readonly state: 'half-open'; readonly process: LaneProcess }
  | { readonly state: 'closed'; readonly process: LaneProcess | null };

/** What those who look at the backend see. */
export function describe(state: SupervisorState): BackendState {
  switch (state.state) {
    case 'opening':
    case 'restarting':
      return { state: 'loading' };
    case 'serving':
      return readyState(state.process);
    case 'half-open':
      return { ...readyState(state.process), halfOpen: true };
    case 'backing-off':
      return { state: 'backing-off', until: epoch(state.until), cause: state.cause };
    case 'tripped':
    case 'probing':
      return { state: 'tripped', since: state.sinceAt, until: epoch(state.until), cause: state.cause };
    case 'closed':
      return { state: 'unloaded' };
    default:
      return state satisfies never;
  }
}

/** Why a call with this deadline can't be taken; null when it can, if perhaps not at once. */
export function refusal(state: SupervisorState, deadline: number, now: number): Failure | null {
  switch (state.state) {
    case 'opening':
    case 'serving':
    case 'restarting':
    case 'half-open':
      return null;
    case 'backing-off':
      if (state.until < deadline) return null;
      return unavailable(`the backend is restarted only after the deadline (${state.cause})`, state.until - now);
    case 'tripped':
    case 'probing':
      return unavailable(`the backend rests after too many restarts (${state.cause})`, state.until - now);
    case 'closed':
      return closed();
    default:
      return state satisfies never;
  }
}

/** The process that takes a call now; null when none does. */
export function taker(state: SupervisorState): LaneProcess | null {
  switch (state.state) {
    case 'serving':
      return state.process.load < Infinity ? state.process : null;
    case 'half-open':
      return state.process.load === 0 ? state.process : null;
    case 'opening':
    case 'restarting':
    case 'backing-off':
    case 'tripped':
    case 'probing':
    case 'closed':
      return null;
    default:
      return state satisfies never;
  }
}

function readyState({ pid, containment }: LaneProcess): Extract<BackendState, { state: 'ready' }> {
  return { state: 'ready', pids: pid === undefined ? [] : [pid], containment };
}

function unavailable(detail: string, retryAfterMs: number): Failure {
  return { code: 'unavailable', detail, retryAfterMs: Math.max(1, Math.ceil(retryAfterMs)) };
}

/** A time on the monotonic clock, in milliseconds since the epoch. */
function epoch(monotonic: number): number {
  return Math.round(performance.timeOrigin + monotonic);
}
