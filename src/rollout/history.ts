import type { RolloutMove, RolloutPlace, RolloutState } from '../domain/rollout.js';
import type { RolloutRecord } from './book.js';
import { type Effect, isUntripped, type RolloutEvent, stepOf } from './transition.js';

/** Moves that are remembered. */
const REMEMBERED = 100;

interface Outcome {
  readonly state: RolloutState;
  readonly effects: readonly Effect[];
  readonly why: string;
}

/** A record to which something has happened: its history says what, and its step begins anew where it does. */
export function moved(
  record: RolloutRecord,
  event: RolloutEvent,
  { state, effects, why }: Outcome,
  figures: RolloutMove['figures'],
): RolloutRecord {
  const anew = effects.some(({ type }) => type === 'flip' || type === 'begin-anew') || isElsewhere(record, state);
  const move = { at: event.at, from: placeOf(record.state), to: placeOf(state), why, figures };
  return {
    ...record,
    state,
    ...(anew ? { entered: event.at, calls: 0 } : { entered: enteredAfter(record, event.at) }),
    history: remembered(record.history, move),
  };
}

export function remembered(history: readonly RolloutMove[], move: RolloutMove): readonly RolloutMove[] {
  return [...history, move].slice(-REMEMBERED);
}

export function placeOf(state: RolloutState): RolloutPlace {
  return { state: state.state, step: state.state === 'completed' ? null : state.step };
}

/** How long the present step has run; while it is paused, its clock stands. Milliseconds. */
export function ranMs({ entered, state }: Pick<RolloutRecord, 'entered' | 'state'>, now: number): number {
  const until = state.state === 'paused' ? Date.parse(state.since) : now;
  return Math.max(0, until - Date.parse(entered));
}

/** The clock of a step that was paused goes on from where it stood. */
function enteredAfter(record: RolloutRecord, at: string): string {
  if (record.state.state !== 'paused') return record.entered;
  return new Date(Date.parse(at) - ranMs(record, Date.parse(at))).toISOString();
}

/** Time in another step, or without wasm, is no time in the step. */
function isElsewhere({ state, plan }: RolloutRecord, next: RolloutState): boolean {
  return stepOf(state, plan) !== stepOf(next, plan) || (!isUntripped(state) && isUntripped(next));
}
