/** Numbers of samples at which a rule decides, by how many mismatches there are. */
export interface Thresholds {
  /** From so many samples on it passes. */
  readonly passFrom: (mismatches: number) => number;
  /** Up to so many samples it fails; -1: never. */
  readonly failUpTo: (mismatches: number) => number;
}

interface Decides {
  readonly passes: (samples: number, mismatches: number) => boolean;
  readonly fails: (samples: number, mismatches: number) => boolean;
}

/** Thresholds of a rule that more samples, with as many mismatches, only bring nearer to passing. */
export function thresholdsOf({ passes, fails }: Decides): Thresholds {
  return {
    passFrom: remembered((mismatches) => first(mismatches, (samples) => passes(samples, mismatches))),
    failUpTo: remembered((mismatches) => {
      if (!fails(mismatches, mismatches)) return -1;
      return first(mismatches, (samples) => !fails(samples, mismatches)) - 1;
    }),
  };
}

function remembered(compute: (mismatches: number) => number): (mismatches: number) => number {
  const known: number[] = [];
  return (mismatches) => (known[mismatches] ??= compute(mismatches));
}

/** The first number from `from` on for which this is so, and stays so. */
function first(from: number, so: (samples: number) => boolean): number {
  let least = from;
  let most = from + 1;
  while (!so(most)) most += most - from;
  while (most - least > 1) {
    const middle = Math.floor((least + most) / 2);
    if (so(middle)) most = middle;
    else least = middle;
  }
  return so(least) ? least : most;
}
