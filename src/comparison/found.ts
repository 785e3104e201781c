import type { Difference } from '../domain/comparison.js';

/** Where two outputs differ: the first ones, and how many more there are. None: they are the same. */
export interface Differences {
  readonly differences: readonly Difference[];
  readonly omitted: number;
}

export const SAME: Differences = { differences: [], omitted: 0 };

/** Differences that are listed; the rest is counted. */
export const LISTED = 50;

export function only(difference: Difference): Differences {
  return { differences: [difference], omitted: 0 };
}

/** Collects differences in the order in which they are found. */
export interface Found {
  /** How many there are so far. */
  count(): number;
  /** `describe` is asked only for those that are listed. */
  add(describe: () => Difference): void;
  /** Forgets those that came after there were so many. */
  backTo(count: number): void;
  all(): Differences;
}

export function createFound(listed = LISTED): Found {
  const differences: Difference[] = [];
  let count = 0;
  return {
    count: () => count,
    add(describe) {
      if (count < listed) differences.push(describe());
      count++;
    },
    backTo(before) {
      count = before;
      differences.length = Math.min(differences.length, before);
    },
    all: () => ({ differences, omitted: count - differences.length }),
  };
}
