import type { RolloutPlan } from '../domain/rollout.js';
import { percentOnWasm, sameStage, type Stage } from '../domain/stage.js';

/**
 * The step that a rollout begins with, or goes on from, when `inForce` is what is in force: the present one if that is
 * its stage, else one that has that very stage, else the first that moves no caller back. Null: every step would.
 */
export function stepFrom(plan: RolloutPlan, inForce: Stage, present: number | null = null): number | null {
  if (inForce.stage === 'retired') return null;
  if (present !== null && isStageOf(plan, present, inForce)) return present;
  const same = plan.steps.findIndex((step) => sameStage(step.stage, inForce));
  if (same !== -1) return same;
  const far = percentOnWasm(inForce);
  const first = plan.steps.findIndex((step) => percentOnWasm(step.stage) >= far);
  return first === -1 ? null : first;
}

export function isStageOf(plan: RolloutPlan, step: number, stage: Stage): boolean {
  const wanted = plan.steps[step]?.stage;
  return wanted !== undefined && sameStage(wanted, stage);
}
