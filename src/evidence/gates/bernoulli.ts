import { convexRoot } from './convex-root.js';
import type { Sloped } from './convex-root.js';
import { ABOVE, BELOW } from './mixture.js';
import type { Mixture } from './mixture.js';

/** So many of so many. */
export interface Tally {
  readonly samples: number;
  readonly hits: number;
}

/** Log e-value against "the rate is `limit` or more"; what it says holds, too, where the rate changes with time. */
export function againstAtLeast(limit: number, tally: Tally): number {
  return byLimit(BELOW, tally, limit).value;
}

/** Log e-value against "the rate is `limit` or less". */
export function againstAtMost(limit: number, tally: Tally): number {
  return byLimit(ABOVE, tally, limit).value;
}

/** The least limit of which {@link againstAtLeast} says that the rate is under it; its chance of ever being wrong is `alpha`. */
export function upperBound(tally: Tally, alpha: number): number {
  const { samples, hits } = tally;
  const target = -Math.log(alpha);
  if (samples === 0 || byLimit(BELOW, tally, 1).value < target) return 1;
  const start = (hits + target + Math.sqrt(2 * hits * target) + 1) / samples;
  return convexRoot((limit) => byLimit(BELOW, tally, limit), target, { from: 0, to: 1, start });
}

/** The greatest limit of which {@link againstAtMost} says that the rate is over it; its chance of ever being wrong is `alpha`. */
export function lowerBound(tally: Tally, alpha: number): number {
  const { samples, hits } = tally;
  const target = -Math.log(alpha);
  if (hits === 0 || byLimit(ABOVE, tally, 0).value < target) return 0;
  const start = (hits / samples) * Math.exp(-Math.sqrt((2 * target) / hits));
  return convexRoot((limit) => byLimit(ABOVE, tally, limit), target, { from: 0, to: 1, start });
}

/** The most hits with which a rate is shown to be under `limit`; -1: not yet with none. */
export function mostUnder(limit: number, samples: number, alpha: number): number {
  const target = -Math.log(alpha);
  const at = (hits: number): number => againstAtLeast(limit, { samples, hits });
  if (at(0) < target) return -1;
  const start = Math.max(0, limit * samples - Math.sqrt(2 * target * limit * samples));
  let hits = Math.floor(
    convexRoot((hits) => byHits(BELOW, { samples, hits }, limit), target, { from: -1, to: samples, start }),
  );
  while (at(hits) < target) hits -= 1;
  return hits;
}

/** The least hits with which a rate is shown to be over `limit`; Infinity: not even with all of them. */
export function leastOver(limit: number, samples: number, alpha: number): number {
  const target = -Math.log(alpha);
  const at = (hits: number): number => againstAtMost(limit, { samples, hits });
  if (at(samples) < target) return Number.POSITIVE_INFINITY;
  const start = limit * samples + Math.sqrt(2 * target * limit * samples) + target;
  const root = convexRoot((hits) => byHits(ABOVE, { samples, hits }, limit), target, {
    from: 0,
    to: samples + 1,
    start,
  });
  let hits = Math.min(samples, Math.ceil(root - 1e-6));
  while (at(hits) < target) hits += 1;
  return hits;
}

// With the odds of an alternative a factor f from the limit's, its likelihood ratio is f^hits / (1 + limit (f - 1))^samples.

function byLimit(mixture: Mixture, { samples, hits }: Tally, limit: number): Sloped {
  return weigh(mixture, samples, hits, limit, (factor) => (-samples * (factor - 1)) / (1 + limit * (factor - 1)));
}

function byHits(mixture: Mixture, { samples, hits }: Tally, limit: number): Sloped {
  return weigh(mixture, samples, hits, limit, Math.log);
}

function weigh(
  { factors, logFactors, logWeights }: Mixture,
  samples: number,
  hits: number,
  limit: number,
  slopeOf: (factor: number) => number,
): Sloped {
  let greatest = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let slopes = 0;
  for (let node = 0; node < factors.length; node++) {
    const factor = factors[node] ?? 1;
    const log = (logWeights[node] ?? 0) + hits * (logFactors[node] ?? 0) - samples * Math.log1p(limit * (factor - 1));
    if (log > greatest) {
      const less = Math.exp(greatest - log);
      sum = sum * less + 1;
      slopes = slopes * less + slopeOf(factor);
      greatest = log;
    } else {
      const share = Math.exp(log - greatest);
      sum += share;
      slopes += share * slopeOf(factor);
    }
  }
  return { value: greatest + Math.log(sum), slope: slopes / sum };
}
