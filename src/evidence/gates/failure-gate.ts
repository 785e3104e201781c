import type { GateVerdict, Verdict } from '../../domain/evidence.js';
import type { BackendName } from '../../domain/backend.js';
import { lowerBound, upperBound } from './bernoulli.js';
import type { Tally } from './bernoulli.js';
import { differenceAtLeast, differenceAtMost } from './paired.js';
import type { Pairs } from './paired.js';
import { amount, figure, percent } from '../../domain/figure.js';
import { notAlongside } from './not-alongside.js';

/** Both sides' own calls are those from the same times. */
export interface FailuresSeen {
  readonly legacy: Tally;
  readonly wasm: Tally;
  readonly pairs: Pairs;
  /** Whether a side has run any call, at whatever time. */
  readonly ran: Readonly<Record<BackendName, boolean>>;
}

interface Range {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Passes once wasm is shown to fail at most `margin` (percentage points) more often than legacy, fails once it is shown
 * to fail more often than that.
 *
 * There are two ways to show it, each with half of alpha, and either may: each side's own calls, and the calls that
 * both sides ran. The latter is sharper where the same calls fail on both, and blind to nothing: which calls are
 * mirrored is drawn before anybody knows how they end.
 */
export function failureGate(seen: FailuresSeen, margin: number, alpha: number): GateVerdict {
  const { legacy, wasm, pairs } = seen;
  const apart = bySides(legacy, wasm, alpha / 2);
  const together = byPairs(pairs, alpha / 2);
  const lower = Math.max(apart.lower, together.lower);
  const upper = Math.min(apart.upper, together.upper);
  // Where the two contradict each other, the world has changed in between: the worse news counts.
  const verdict: Verdict = lower > margin ? 'fail' : upper <= margin ? 'pass' : 'inconclusive';
  const estimate = difference(seen);
  return {
    gate: 'failures',
    verdict,
    estimate,
    lower: estimate === null ? null : lower,
    upper: estimate === null ? null : upper,
    limit: margin,
    samples: Math.max(wasm.samples, pairs.samples),
    detail: estimate === null ? notAlongside(seen.ran) : detail(seen, margin, verdict, { lower, upper }),
  };
}

/** Percentage points. */
function bySides(legacy: Tally, wasm: Tally, alpha: number): Range {
  return {
    lower: 100 * (lowerBound(wasm, alpha / 2) - upperBound(legacy, alpha / 2)),
    upper: 100 * (upperBound(wasm, alpha / 2) - lowerBound(legacy, alpha / 2)),
  };
}

function byPairs(pairs: Pairs, alpha: number): Range {
  return { lower: 100 * differenceAtLeast(pairs, alpha), upper: 100 * differenceAtMost(pairs, alpha) };
}

/** By the larger of the two samples. */
function difference({ legacy, wasm, pairs }: FailuresSeen): number | null {
  if (pairs.samples > 0 && pairs.samples >= Math.min(legacy.samples, wasm.samples)) {
    return (100 * (pairs.wasmFailed - pairs.legacyFailed)) / pairs.samples;
  }
  if (legacy.samples === 0 || wasm.samples === 0) return null;
  return 100 * (wasm.hits / wasm.samples - legacy.hits / legacy.samples);
}

function detail({ legacy, wasm, pairs }: FailuresSeen, margin: number, verdict: Verdict, range: Range): string {
  const of = ({ hits, samples }: Tally): string => `${figure(hits)} of ${amount(samples, 'call')}`;
  const alone = `of ${amount(pairs.samples, 'call')} that both ran it alone failed ${figure(pairs.wasmFailed)}, legacy alone ${figure(pairs.legacyFailed)}`;
  const seen = `wasm failed ${of(wasm)}, legacy ${of(legacy)} at the same time${pairs.samples > 0 ? `; ${alone}` : ''}`;
  const allowed = `${percent(margin)} more than legacy ${margin === 1 ? 'is' : 'are'} allowed`;
  const points = (value: number): string => `${figure(value)} points`;
  switch (verdict) {
    case 'pass':
      return `${seen}: at most ${points(range.upper)} more often, ${allowed}`;
    case 'fail':
      return `${seen}: at least ${points(range.lower)} more often, ${allowed}`;
    case 'inconclusive':
      return margin === 0 && range.lower <= 0
        ? `${seen}, but no number of calls proves that wasm fails no more often at all: a margin above 0 can be passed`
        : `${seen}: between ${figure(range.lower)} and ${points(range.upper)} more often, ${allowed}`;
    default:
      return verdict satisfies never;
  }
}
