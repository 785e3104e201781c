import { mismatchVerdict } from '../../../src/evidence/gates/mismatch-gate.js';
import type { Rule } from './rollout.js';
import { thresholdsOf } from './thresholds.js';

/** The gate of this gateway, looked at after every single comparison. `limit` is a share. */
export function banyan(limit: number, alpha: number): Rule {
  const verdict = (samples: number, hits: number) => mismatchVerdict({ samples, hits }, 100 * limit, alpha);
  const { passFrom, failUpTo } = thresholdsOf({
    passes: (samples, hits) => verdict(samples, hits) === 'pass',
    fails: (samples, hits) => verdict(samples, hits) === 'fail',
  });
  return ({ mismatches, length }) => {
    for (let hits = 0; hits <= mismatches.length; hits++) {
      const at = mismatches[hits - 1] ?? 0;
      if (hits > 0 && at <= failUpTo(hits)) return { decision: 'rolled back', samples: at };
      const passing = passFrom(hits);
      if (passing <= length && passing < (mismatches[hits] ?? Number.POSITIVE_INFINITY)) {
        return { decision: 'promoted', samples: passing };
      }
    }
    return { decision: 'undecided', samples: length };
  };
}

interface WindowLimits {
  /** Failed checks that end a rollout; those that go well in between take none of them back. */
  readonly failures: number;
  /** Checks that have to go well. */
  readonly passes: number;
}

/** As Flagger analyses: each minute's share by itself is held against the limit. */
export function windows(limit: number, { failures, passes }: WindowLimits): Rule {
  return ({ perMinute, mismatches, length }) => {
    let next = 0;
    let failed = 0;
    let passed = 0;
    for (let end = perMinute; end <= length; end += perMinute) {
      const before = next;
      while ((mismatches[next] ?? Number.POSITIVE_INFINITY) <= end) next += 1;
      if ((next - before) / perMinute > limit) failed += 1;
      else passed += 1;
      if (failed >= failures) return { decision: 'rolled back', samples: end };
      if (passed >= passes) return { decision: 'promoted', samples: end };
    }
    return { decision: 'undecided', samples: length };
  };
}

/** An exact binomial test of all samples so far, made for one look, and looked at each minute. */
export function repeatedTest(limit: number, alpha: number): Rule {
  const { passFrom, failUpTo } = thresholdsOf({
    passes: (samples, hits) => atMost(hits, samples, limit) <= alpha,
    fails: (samples, hits) => 1 - atMost(hits - 1, samples, limit) <= alpha,
  });
  return ({ perMinute, mismatches, length }) => {
    let hits = 0;
    for (let end = perMinute; end <= length; end += perMinute) {
      while ((mismatches[hits] ?? Number.POSITIVE_INFINITY) <= end) hits += 1;
      if (end <= failUpTo(hits)) return { decision: 'rolled back', samples: end };
      if (end >= passFrom(hits)) return { decision: 'promoted', samples: end };
    }
    return { decision: 'undecided', samples: length };
  };
}

/** The chance of so many hits or fewer. */
function atMost(hits: number, samples: number, rate: number): number {
  let chance = Math.exp(samples * Math.log1p(-rate));
  let sum = 0;
  for (let hit = 0; hit <= hits; hit++) {
    sum += chance;
    chance *= ((samples - hit) / (hit + 1)) * (rate / (1 - rate));
  }
  return sum;
}
