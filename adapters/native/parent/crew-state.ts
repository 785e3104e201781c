import type { BackendState } from '../../../src/domain/backend.js';
import type { Failure } from '../../../src/domain/failure.js';
import { closed, unavailable } from './failures.js';
import type { Member } from './member.js';
import { readyChild, type Slot } from './slot.js';

/** After this time a backend that was refused may have been put right, by a reload. */
const REFUSED_RETRY_MS = 10_000;

interface Rest {
  readonly cause: string;
  /** Milliseconds since the epoch. */
  readonly sinceAt: number;
  /** On the monotonic clock. */
  readonly until: number;
}

/** Whether a crew takes calls. */
export type CrewState =
  /** Until a child has loaded the libraries for the first time. */
  | { readonly state: 'opening' }
  | { readonly state: 'serving' }
  /** Over its budget of restarts: it rests, then one child is tried. */
  | ({ readonly state: 'tripped' } & Rest)
  /** That one child is loading. */
  | ({ readonly state: 'probing' } & Rest)
  /** That one child is loaded, and gets one call at a time until one has been answered. */
  | { readonly state: 'half-open' }
  | { readonly state: 'closed' };

/** What a crew's state is to those who look at one of its members. */
export function describe(state: CrewState, slots: readonly Slot[], member: Member): BackendState {
  switch (state.state) {
    case 'opening':
      return { state: 'loading' };
    case 'tripped':
    case 'probing':
      return { state: 'tripped', since: state.sinceAt, until: epoch(state.until), cause: state.cause };
    case 'closed':
      return { state: 'unloaded' };
    case 'serving':
    case 'half-open': {
      const ready = readyState(slots, member);
      if (ready !== null) return state.state === 'half-open' ? { ...ready, halfOpen: true } : ready;
      if (member.refused !== null) return { state: 'refused', problems: member.refused };
      const next = comeback(slots);
      return next === null
        ? { state: 'loading' }
        : { state: 'backing-off', until: epoch(next.until), cause: next.cause };
    }
    default:
      return state satisfies never;
  }
}

/** Why a member's call with this deadline can't be taken; null when it can, if perhaps not at once. */
export function refusal(
  state: CrewState,
  slots: readonly Slot[],
  member: Member,
  deadline: number,
  now: number,
): Failure | null {
  switch (state.state) {
    case 'opening':
      return null;
    case 'tripped':
    case 'probing':
      return unavailable(`the backend rests after too many restarts (${state.cause})`, state.until - now);
    case 'closed':
      return closed();
    case 'serving':
    case 'half-open': {
      if (slots.some((slot) => readyChild(slot)?.roster.includes(member))) return null;
      if (member.refused !== null) {
        const why = member.refused.map((problem) => problem.message).join('; ');
        return unavailable(`the backend was refused: ${why}`, REFUSED_RETRY_MS);
      }
      const next = comeback(slots);
      if (next === null || next.until < deadline) return null;
      return unavailable(`the backend is restarted only after the deadline (${next.cause})`, next.until - now);
    }
    default:
      return state satisfies never;
  }
}

function readyState(slots: readonly Slot[], member: Member): Extract<BackendState, { state: 'ready' }> | null {
  const children = slots.flatMap((slot) => readyChild(slot) ?? []).filter((child) => child.roster.includes(member));
  const [first] = children;
  if (first === undefined) return null;
  return { state: 'ready', pids: children.flatMap((child) => child.pid ?? []), containment: first.containment };
}

/** A time on the monotonic clock, in milliseconds since the epoch. */
function epoch(monotonic: number): number {
  return Math.round(performance.timeOrigin + monotonic);
}

/** The restart that comes first. Null while a child is there or loads, which is sooner than any. */
function comeback(slots: readonly Slot[]): { readonly until: number; readonly cause: string } | null {
  if (slots.some((slot) => slot.state === 'loading' || slot.state === 'ready')) return null;
  const waiting = slots.filter((slot) => slot.state === 'backing-off');
  return waiting.reduce<(typeof waiting)[number] | null>(
    (first, slot) => (first === null || slot.until < first.until ? slot : first),
    null,
  );
}
