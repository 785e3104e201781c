import type { BackendState, Problem } from '../../../src/domain/backend.js';
import type { Failure } from '../../../src/domain/failure.js';
import { closed, unavailable } from './failures.js';
import { childOf, type Slot } from './slot.js';

/** After this time a backend that was refused may have been put right, by a reload. */
const REFUSED_RETRY_MS = 10_000;

/** Whether a crew takes calls. `until` is on the monotonic clock, `sinceAt` in milliseconds since the epoch. */
export type CrewState =
  /** Until every child has loaded the library for the first time. */
  | { readonly state: 'opening' }
  | { readonly state: 'serving' }
  /** Over its budget of restarts: it rests, then one child is tried. */
  | { readonly state: 'tripped'; readonly cause: string; readonly sinceAt: number; readonly until: number }
  /** That one child is loading. */
  | { readonly state: 'probing'; readonly cause: string; readonly sinceAt: number; readonly until: number }
  /** The library is not the one any more that was opened: children that have it go on, no other will follow. */
  | { readonly state: 'refused'; readonly problems: readonly Problem[] }
  | { readonly state: 'closed' };

/** What a crew's state is to those who look on. */
export function describe(state: CrewState, slots: readonly Slot[]): BackendState {
  switch (state.state) {
    case 'opening':
      return { state: 'loading' };
    case 'tripped':
    case 'probing':
      return {
        state: 'tripped',
        since: state.sinceAt,
        until: epoch(state.until),
        cause: state.cause,
      };
    case 'closed':
      return { state: 'unloaded' };
    case 'refused':
      return ready(slots) ?? { state: 'refused', problems: state.problems };
    case 'serving': {
      const next = comeback(slots);
      const waiting: BackendState =
        next === null ? { state: 'loading' } : { state: 'backing-off', until: epoch(next.until), cause: next.cause };
      return ready(slots) ?? waiting;
    }
    default:
      return state satisfies never;
  }
}

/** Why a call with this deadline can't be taken; null when it can, if perhaps not at once. */
export function refusal(state: CrewState, slots: readonly Slot[], deadline: number, now: number): Failure | null {
  switch (state.state) {
    case 'opening':
      return null;
    case 'tripped':
    case 'probing':
      return unavailable(`the backend rests after too many restarts (${state.cause})`, state.until - now);
    case 'closed':
      return closed();
    case 'refused':
      if (slots.some((slot) => slot.state === 'ready')) return null;
      return unavailable(
        `the backend was refused: ${state.problems.map((problem) => problem.message).join('; ')}`,
        REFUSED_RETRY_MS,
      );
    case 'serving': {
      if (slots.some((slot) => slot.state === 'ready' || slot.state === 'loading')) return null;
      const next = comeback(slots);
      if (next === null || next.until < deadline) return null;
      return unavailable(`the backend is restarted only after the deadline (${next.cause})`, next.until - now);
    }
    default:
      return state satisfies never;
  }
}

function ready(slots: readonly Slot[]): BackendState | null {
  const pids = slots.flatMap((slot) => (slot.state === 'ready' ? (childOf(slot)?.pid ?? []) : []));
  return pids.length > 0 ? { state: 'ready', pids } : null;
}

/** A time on the monotonic clock, in milliseconds since the epoch. */
function epoch(monotonic: number): number {
  return Math.round(performance.timeOrigin + monotonic);
}

/** The restart that comes first. Null while a child loads, which is sooner than any. */
function comeback(slots: readonly Slot[]): { readonly until: number; readonly cause: string } | null {
  if (slots.some((slot) => slot.state === 'loading')) return null;
  const waiting = slots.filter((slot) => slot.state === 'backing-off');
  return waiting.reduce<(typeof waiting)[number] | null>(
    (first, slot) => (first === null || slot.until < first.until ? slot : first),
    null,
  );
}
