/** Comparisons of one function as they come in, on a clock of their own. */
export interface Rollout {
  /** Comparisons a minute. */
  readonly perMinute: number;
  /** Which comparisons differ, in ascending order; the first one is 1. */
  readonly mismatches: readonly number[];
  /** Comparisons until it is given up. */
  readonly length: number;
}

/** How a rule ended a rollout, and after how many comparisons. */
export interface Ending {
  readonly decision: 'promoted' | 'rolled back' | 'undecided';
  readonly samples: number;
}

export type Rule = (rollout: Rollout) => Ending;

/** A rollout with this true mismatch rate, of 10 to 50 comparisons a second. */
export function drawRollout(rate: number, length: number, random: () => number): Rollout {
  const perMinute = Math.round(60 * (10 + 40 * random()));
  const mismatches: number[] = [];
  if (rate > 0) {
    for (let at = gap(rate, random); at <= length; at += gap(rate, random)) mismatches.push(at);
  }
  return { perMinute, mismatches, length };
}

/** How many comparisons there are up to and including the next mismatch. */
function gap(rate: number, random: () => number): number {
  return 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-rate));
}

/** The same numbers in [0, 1) for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
