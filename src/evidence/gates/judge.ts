import type { GateRules, GateVerdict } from '../../domain/evidence.js';
import { failureGate } from './failure-gate.js';
import type { FailuresSeen } from './failure-gate.js';
import { latencyGate } from './latency-gate.js';
import type { LatenciesSeen } from './latency-gate.js';
import { mismatchGate } from './mismatch-gate.js';
import type { MismatchesSeen } from './mismatch-gate.js';

export interface Seen {
  readonly mismatches: MismatchesSeen;
  readonly failures: FailuresSeen;
  readonly latency: LatenciesSeen;
}

/**
 * A verdict for each gate that is asked for. Each has an equal share of alpha, for passing wrongly and for failing
 * wrongly alike: only one of the two can be wrong.
 */
export function judge(seen: Seen, { mismatches, failures, latency, alpha }: GateRules): readonly GateVerdict[] {
  const asked = [mismatches, failures, latency].filter((rule) => rule !== null).length;
  const share = alpha / 100 / asked;
  return [
    ...(mismatches === null ? [] : [mismatchGate(seen.mismatches, mismatches.limit, share)]),
    ...(failures === null ? [] : [failureGate(seen.failures, failures.margin, share)]),
    ...(latency === null ? [] : [latencyGate(seen.latency, latency, share)]),
  ];
}
