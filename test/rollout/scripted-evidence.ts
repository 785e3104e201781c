import type { GateName, GateVerdict, Verdict } from '#src/domain/evidence.js';
import type { LiveFunction } from '#src/domain/generation.js';
import type { RolloutEvidence } from '#src/domain/rollout.js';

/** Evidence whose verdicts and counts the test sets by hand, by function. */
export interface ScriptedEvidence extends RolloutEvidence {
  /** What a gate says of `plugin/function`; gates that nothing is said of are inconclusive. */
  say(name: string, verdicts: Partial<Record<GateName, Verdict>>): void;
  /** So many calls of wasm, and as many comparisons, since the evidence began. */
  count(name: string, calls: number): void;
  /** The chance of a wrong verdict that was last asked for, in percent. */
  readonly alpha: () => number | null;
}

export function scriptedEvidence(): ScriptedEvidence {
  const verdicts = new Map<string, Partial<Record<GateName, Verdict>>>();
  const calls = new Map<string, number>();
  const nameOf = (live: LiveFunction): string => `${live.plugin}/${live.spec.name}`;
  let alpha: number | null = null;
  return {
    say: (name, said) => void verdicts.set(name, said),
    count: (name, count) => void calls.set(name, count),
    alpha: () => alpha,
    gates(live, rules) {
      alpha = rules.alpha;
      const limits = {
        mismatches: rules.mismatches?.limit,
        failures: rules.failures?.margin,
        latency: rules.latency?.ratio,
      };
      return (['mismatches', 'failures', 'latency'] as const).flatMap((gate): GateVerdict[] => {
        const limit = limits[gate];
        if (limit === undefined) return [];
        const verdict = verdicts.get(nameOf(live))?.[gate] ?? 'inconclusive';
        const estimate = verdict === 'inconclusive' ? null : verdict === 'pass' ? 0 : limit * 2;
        return [
          { gate, verdict, estimate, lower: estimate, upper: null, limit, samples: 7, detail: `it is ${verdict}` },
        ];
      });
    },
    counts: (live) => ({
      endedByWasm: calls.get(nameOf(live)) ?? 0,
      comparisons: {
        match: calls.get(nameOf(live)) ?? 0,
        mismatch: 0,
        'legacy-failed': 0,
        'wasm-failed': 0,
        'both-failed': 0,
      },
    }),
  };
}
