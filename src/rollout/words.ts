import type { RolloutPlan, RolloutTarget } from '../domain/rollout.js';
import type { Stage } from '../domain/stage.js';

export function nameOf({ plugin, function: functionName }: RolloutTarget): string {
  return functionName === null ? plugin : `${plugin}/${functionName}`;
}

/** `step 2 of 3 (canary 5 %)`: steps are counted from 1, as people do. */
export function stepWords(plan: RolloutPlan, step: number): string {
  const stage = plan.steps[step]?.stage;
  return `step ${step + 1} of ${plan.steps.length}${stage === undefined ? '' : ` (${stageWords(stage)})`}`;
}

export function stageWords(stage: Stage): string {
  switch (stage.stage) {
    case 'canary':
      return `canary ${stage.percent} %`;
    case 'shadow':
      return `shadow ${stage.sample} %`;
    case 'legacy':
    case 'wasm':
    case 'retired':
      return stage.stage;
    default:
      return stage satisfies never;
  }
}

/** Time that has passed, in whole seconds and at most two units: `45s`, `10m 12s`, `6h`. */
export function timeWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return '0s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}
