import { BACKEND_NAMES } from '../domain/backend.js';
import type { BackendName } from '../domain/backend.js';
import type { Observation } from '../domain/observation.js';
import type { Tally } from './gates/bernoulli.js';
import { Latencies } from './latencies.js';
import { tellsOfBackend, tellsOfDuration } from './outcomes.js';

/** A slice of time ends so many milliseconds after the second side has run a call in it. */
export const SLICE_MS = 5_000;
/** Where none has by so many milliseconds, what the first did is let go of. */
export const ALONE_MS = 600_000;

/** What gates hold against each other: calls of the same times, of each side as many as of the other. */
export interface Alongside {
  /** Calls that say something about a backend, and those that failed: legacy's, wasm's. */
  readonly trials: Float64Array;
  /** Of those that say how long they take. */
  readonly durations: Record<BackendName, Latencies | null>;
  /** What waits for its slice to end. Not kept on disk. */
  readonly slice: Slice;
}

interface Slice {
  /** Since when, and since when with calls of both sides: milliseconds since the epoch, 0 for not yet. */
  readonly times: Float64Array;
  /** Of legacy, then of wasm: see `RUN` and the following. */
  readonly counts: Float64Array;
  readonly durations: Record<BackendName, Latencies | null>;
}

const BEGAN = 0;
const BOTH = 1;

/** Places in a side's `counts`: calls that it was given, those that say something about it, and those that failed. */
const RUN = 0;
const TRIALS = 1;
const FAILED = 2;
const PLACES = 3;

export function nothingAlongside(): Alongside {
  return {
    trials: new Float64Array(4),
    durations: { legacy: null, wasm: null },
    slice: {
      times: new Float64Array(2),
      counts: new Float64Array(2 * PLACES),
      durations: { legacy: null, wasm: null },
    },
  };
}

/** Counts a call into the slice. Makes no object but for a first duration. */
export function countAlongside(
  { slice }: Alongside,
  { backend, role, outcome, callMs, hadItsTime }: Observation,
  timeoutMs: number,
  at: number,
): void {
  // What legacy answers in wasm's place is what wasm failed at: no fair sample of its calls.
  if (callMs === null || role === 'fallback') return;
  const { times, counts } = slice;
  const own = sideOf(backend) * PLACES;
  if (times[BEGAN] === 0) times[BEGAN] = at;
  bump(counts, own + RUN);
  if (times[BOTH] === 0 && (counts[RUN] ?? 0) > 0 && (counts[PLACES + RUN] ?? 0) > 0) times[BOTH] = at;
  if (!hadItsTime || !tellsOfBackend(outcome)) return;
  bump(counts, own + TRIALS);
  if (outcome !== 'ok') bump(counts, own + FAILED);
  if (!tellsOfDuration(outcome)) return;
  // How long it would have taken, nobody knows; it is among the longest, whatever time its waiting had left it.
  const took = outcome === 'timeout' ? Math.max(callMs, timeoutMs) : callMs;
  (slice.durations[backend] ??= new Latencies()).record(took);
}

/**
 * Ends the slice if it is time, and answers whether gates now have more to read: of the side that ran fewer calls all,
 * of the other as many, by a number in [0, 1) that is drawn; of a slice in which one side ran alone nothing. What is
 * taken depends on how many calls there were, and never on how they ended: ADR 28.
 */
export function endSlice(alongside: Alongside, at: number, random: () => number): boolean {
  const { times, counts, durations } = alongside.slice;
  const began = times[BEGAN] ?? 0;
  const both = times[BOTH] ?? 0;
  if (began === 0) return false;
  const isSetBack = at < began || at < both;
  if (!isSetBack && (both === 0 ? at - began < ALONE_MS : at - both < SLICE_MS)) return false;
  const hasMore = both !== 0 && !isSetBack;
  for (const backend of BACKEND_NAMES) {
    if (hasMore) take(alongside, backend, random());
    else durations[backend]?.clear();
  }
  times.fill(0);
  counts.fill(0);
  return hasMore;
}

function take({ trials, durations, slice }: Alongside, backend: BackendName, drawn: number): void {
  const { counts } = slice;
  const side = sideOf(backend);
  const own = side * PLACES;
  const share = Math.min(counts[RUN] ?? 0, counts[PLACES + RUN] ?? 0) / (counts[own + RUN] ?? 1);
  const part = (place: number): number => Math.floor(share * (counts[own + place] ?? 0) + drawn);
  trials[2 * side] = (trials[2 * side] ?? 0) + part(TRIALS);
  trials[2 * side + 1] = (trials[2 * side + 1] ?? 0) + part(FAILED);
  const held = slice.durations[backend];
  if (held !== null) (durations[backend] ??= new Latencies()).takeFrom(held, share, drawn);
}

/** Calls of a backend that gates read, and those that failed. */
export function failuresOf({ trials }: Alongside, backend: BackendName): Tally {
  const side = sideOf(backend);
  return { samples: trials[2 * side] ?? 0, hits: trials[2 * side + 1] ?? 0 };
}

function sideOf(backend: BackendName): 0 | 1 {
  return backend === 'legacy' ? 0 : 1;
}

function bump(counters: Float64Array, at: number): void {
  counters[at] = (counters[at] ?? 0) + 1;
}
