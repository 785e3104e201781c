import { convexRoot } from './convex-root.js';
import type { Sloped } from './convex-root.js';
import { BELOW } from './mixture.js';

/** Calls that both sides ran: how many there are, and of how many one side alone failed. */
export interface Pairs {
  readonly samples: number;
  readonly wasmFailed: number;
  readonly legacyFailed: number;
}

/**
 * The most by which wasm fails more often than legacy does, as a share; its chance of ever being wrong is `alpha`.
 *
 * A call counts +1 where wasm alone fails, -1 where legacy alone does, 0 else: its mean is the difference of the rates,
 * and what makes a call fail on both sides drops out. Against "the mean is m or more", whoever stakes a part u of all
 * that a +1 could cost multiplies their wealth by 1 - u, 1 + u (1 + m) / (1 - m) and 1 + u m / (1 - m): on average by
 * at most 1 under that claim, so the mean wealth over many u is an e-process.
 */
export function differenceAtMost(pairs: Pairs, alpha: number): number {
  const { samples, wasmFailed, legacyFailed } = pairs;
  const target = -Math.log(alpha);
  if (samples === wasmFailed) return 1;
  const seen = (wasmFailed - legacyFailed) / samples;
  const spread = wasmFailed + legacyFailed;
  const start = seen + (target + Math.sqrt(2 * spread * target) + 1) / samples;
  return convexRoot((mean) => wealth(pairs, mean), target, { from: -1, to: 1, start: Math.min(start, (1 + seen) / 2) });
}

/** The least by which wasm fails more often than legacy does: the same with the sides exchanged. */
export function differenceAtLeast({ samples, wasmFailed, legacyFailed }: Pairs, alpha: number): number {
  return -differenceAtMost({ samples, wasmFailed: legacyFailed, legacyFailed: wasmFailed }, alpha);
}

function wealth({ samples, wasmFailed, legacyFailed }: Pairs, mean: number): Sloped {
  const alike = samples - wasmFailed - legacyFailed;
  const rest = 1 / (1 - mean);
  let greatest = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let slopes = 0;
  for (const [node, kept] of BELOW.factors.entries()) {
    // 1 - u is `kept`: the same stakes as for a single rate, where a likelihood ratio is this wealth, too.
    const staked = 1 - kept;
    const log =
      (BELOW.logWeights[node] ?? 0) +
      wasmFailed * (BELOW.logFactors[node] ?? 0) +
      alike * Math.log1p(staked * mean * rest) +
      legacyFailed * Math.log1p(staked * (1 + mean) * rest);
    const slope =
      (alike * staked * rest ** 2) / (1 + staked * mean * rest) +
      (legacyFailed * 2 * staked * rest ** 2) / (1 + staked * (1 + mean) * rest);
    if (log > greatest) {
      const less = Math.exp(greatest - log);
      sum = sum * less + 1;
      slopes = slopes * less + slope;
      greatest = log;
    } else {
      const share = Math.exp(log - greatest);
      sum += share;
      slopes += share * slope;
    }
  }
  return { value: greatest + Math.log(sum), slope: slopes / sum };
}
