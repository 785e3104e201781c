import type { GateVerdict } from '../domain/evidence.js';
import type { LiveFunction } from '../domain/generation.js';
import type { RetireRule } from '../domain/plugin.js';
import { mismatchGate } from './gates/mismatch-gate.js';
import type { MismatchesSeen } from './gates/mismatch-gate.js';
import { amount, figure } from '../domain/figure.js';

interface ProofOf {
  readonly live: LiveFunction;
  readonly rule: RetireRule;
  readonly mismatches: MismatchesSeen;
  /** Of the other gates. */
  readonly verdicts: readonly GateVerdict[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly watchedSince: number;
  readonly legacyAnsweredAt: number | null;
}

/** The chance, for each of the bounds, of being proved wrongly. */
export const PROOF_ALPHA = 5;

/** What is missing before legacy may be unloaded, a sentence each. */
export function missingProof({ live, rule, mismatches, verdicts, ...times }: ProofOf): readonly string[] {
  if (live.legacy === null) return [];
  if (live.wasm === null) return ['there is no wasm backend to answer in its place'];
  const silent = silence(rule.quietMs, times);
  if (!mismatches.comparable) {
    return ['nothing can be compared: calls of a function with `effects: unsafe` are not run twice', ...silent];
  }
  const { samples } = mismatches.compared;
  const few = `${figure(samples)} of the ${amount(rule.comparisons, 'comparison')} that are asked for`;
  const same = mismatchGate(mismatches, rule.limit, PROOF_ALPHA / 100);
  return [
    ...(samples < rule.comparisons ? [few] : []),
    ...(same.verdict === 'pass' || rule.limit >= 100 ? [] : [`mismatches: ${same.detail}`]),
    // Whether a slower answer is good enough, the operator has decided who gave all calls to wasm; proof to the contrary counts.
    ...verdicts
      .filter(({ gate, verdict }) => (gate === 'latency' ? verdict === 'fail' : verdict !== 'pass'))
      .map(({ gate, detail }) => `${gate}: ${detail}`),
    ...silent,
  ];
}

function silence(
  quietMs: number,
  { now, watchedSince, legacyAnsweredAt }: Pick<ProofOf, 'now' | 'watchedSince' | 'legacyAnsweredAt'>,
): readonly string[] {
  if (legacyAnsweredAt !== null && now - legacyAnsweredAt < quietMs) {
    return [
      `legacy answered a caller ${duration(now - legacyAnsweredAt)} ago: ${duration(quietMs)} without are asked for`,
    ];
  }
  if (now - watchedSince < quietMs) {
    const watched = `this gateway has watched for ${duration(now - watchedSince)} whether legacy answers callers`;
    return [`${watched}: ${duration(quietMs)} without are asked for`];
  }
  return [];
}

/** In the largest unit that fits: 59 s, 90 min, 3 h. */
function duration(ms: number): string {
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s`;
  return ms < 2 * 3_600_000 ? `${Math.floor(ms / 60_000)} min` : `${Math.floor(ms / 3_600_000)} h`;
}
