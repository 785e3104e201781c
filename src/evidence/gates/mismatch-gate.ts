import type { GateVerdict, Verdict } from '../../domain/evidence.js';
import { againstAtLeast, againstAtMost, lowerBound, upperBound } from './bernoulli.js';
import type { Tally } from './bernoulli.js';
import { amount, percent } from '../../domain/figure.js';

export interface MismatchesSeen {
  readonly compared: Tally;
  /** Mismatches that say nothing, because legacy's whole answer changes from call to call. */
  readonly unjudged: number;
  /** Calls at which what compares has failed: they may have been anything. */
  readonly uncompared: number;
  /** Whether calls may be run twice. */
  readonly comparable: boolean;
}

/**
 * Passes once the mismatch rate is shown to be under the limit, fails once it is shown to be over; percent. What could not
 * be compared is no mismatch, and yet it does not pass where it would not if each of those calls were one.
 */
export function mismatchGate(seen: MismatchesSeen, limit: number, alpha: number): GateVerdict {
  const { compared, uncompared } = seen;
  const { samples, hits } = compared;
  const empty = samples === 0;
  const lower = empty ? null : 100 * lowerBound(compared, alpha);
  const upper = empty ? null : 100 * upperBound(compared, alpha);
  const shown = mismatchVerdict(compared, limit, alpha);
  const atWorst = { samples: samples + uncompared, hits: hits + uncompared };
  const isHidden = shown === 'pass' && uncompared > 0 && mismatchVerdict(atWorst, limit, alpha) !== 'pass';
  const verdict = isHidden ? 'inconclusive' : shown;
  const hidden = isHidden ? `; ${failedAt(uncompared, 'more call')}, which may differ` : '';
  return {
    gate: 'mismatches',
    verdict,
    estimate: empty ? null : (100 * hits) / samples,
    lower,
    upper,
    limit,
    samples,
    detail: empty ? nothing(seen) : detail(compared, limit, verdict, lower ?? 0, upper ?? 100) + hidden,
  };
}

/** The verdict alone, without its bounds. */
export function mismatchVerdict(compared: Tally, limit: number, alpha: number): Verdict {
  // No number of samples shows that something never happens; once is enough to show that it does.
  if (limit === 0) return compared.hits > 0 ? 'fail' : 'inconclusive';
  const enough = -Math.log(alpha);
  if (againstAtMost(limit / 100, compared) >= enough) return 'fail';
  return againstAtLeast(limit / 100, compared) >= enough ? 'pass' : 'inconclusive';
}

function detail({ samples, hits }: Tally, limit: number, verdict: Verdict, lower: number, upper: number): string {
  const seen = `${amount(hits, 'mismatch').replace(/mismatchs$/, 'mismatches')} in ${amount(samples, 'comparison')}`;
  const allowed = `${percent(limit)} ${limit === 1 ? 'is' : 'are'} allowed`;
  switch (verdict) {
    case 'pass':
      return `${seen}: at most ${percent(upper)}, ${allowed}`;
    case 'fail':
      return limit === 0 ? `${seen}, and none is allowed` : `${seen}: at least ${percent(lower)}, ${allowed}`;
    case 'inconclusive':
      return limit === 0
        ? `${seen}, but no number of comparisons proves that none will come: a limit above 0 can be passed`
        : `${seen}: between ${percent(lower)} and ${percent(upper)}, ${allowed}`;
    default:
      return verdict satisfies never;
  }
}

function failedAt(uncompared: number, call: string): string {
  return `what compares failed at ${amount(uncompared, call)}`;
}

function nothing({ unjudged, uncompared, comparable }: MismatchesSeen): string {
  if (!comparable) return 'nothing can be compared: calls of a function with `effects: unsafe` are not run twice';
  if (uncompared > 0) return `nothing could be compared: ${failedAt(uncompared, 'call')}, the log says why`;
  return unjudged > 0
    ? `nothing could be compared: in ${amount(unjudged, 'call')} legacy's whole answer is one that it does not give twice`
    : 'nothing has been compared yet';
}
