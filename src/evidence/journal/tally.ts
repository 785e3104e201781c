import type { MismatchCount } from '../../domain/mismatch.js';

/** How often there was which signature. */
export interface Tally {
  add(signature: string, at: number): void;
  /** Most frequent first. */
  counts(): readonly MismatchCount[];
  others(): number;
}

export interface Counted {
  readonly counts: readonly MismatchCount[];
  readonly others: number;
}

/** Counts on from where an earlier process came to; signatures over `most` are not told apart. */
export function createTally(before: Counted, most: number): Tally {
  const counts = new Map<string, { count: number; first: string; last: string }>();
  for (const { signature, count, first, last } of before.counts) counts.set(signature, { count, first, last });
  let { others } = before;

  return {
    add(signature, at) {
      const last = new Date(at).toISOString();
      const known = counts.get(signature);
      if (known !== undefined) {
        known.count++;
        known.last = last;
      } else if (counts.size < most) {
        counts.set(signature, { count: 1, first: last, last });
      } else {
        others++;
      }
    },
    counts: () =>
      [...counts].map(([signature, count]) => ({ signature, ...count })).sort((one, other) => other.count - one.count),
    others: () => others,
  };
}
