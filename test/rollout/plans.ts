import type { RolloutPlan, RolloutStep } from '#src/domain/rollout.js';
import type { Stage } from '#src/domain/stage.js';

export const shadow: Stage = { stage: 'shadow', sample: 100 };
export const wasm: Stage = { stage: 'wasm', sample: 0, fallback: false };
export const legacy: Stage = { stage: 'legacy' };

export function canary(percent: number, allow: readonly string[] = []): Stage {
  return { stage: 'canary', percent, sample: 0, allow, fallback: false };
}

/** A step of ten minutes and a hundred calls, but for what is given. */
export function step(stage: Stage, given: Partial<RolloutStep> = {}): RolloutStep {
  return { stage, gates: null, atLeastMs: 600_000, calls: 100, deadlineMs: null, manual: false, ...given };
}

export function planOf(...steps: readonly RolloutStep[]): RolloutPlan {
  return { steps, gates: { mismatches: { limit: 0.1 }, failures: { margin: 0.1 }, latency: null, alpha: 5 } };
}
