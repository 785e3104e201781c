import type { FunctionVerdicts, Rollout } from '../../domain/rollout.js';
import { writtenPlan } from '../../schema/rollout-plan.js';
import type { RolloutView } from '../../schema/rollout-view.js';

export function rolloutViewOf(rollout: Rollout): RolloutView {
  const {
    plugin,
    function: functionName,
    revision,
    changed,
    plan,
    state,
    progress,
    functions,
    history,
    trouble,
  } = rollout;
  return {
    plugin,
    function: functionName,
    revision,
    changed,
    plan: writtenPlan(plan),
    state,
    progress: { ...progress, missing: [...progress.missing] },
    functions: functions.map(verdictsViewOf),
    history: history.map(({ figures, ...move }) => ({ ...move, figures: { ...figures } })),
    trouble,
  };
}

function verdictsViewOf({ verdicts, ...of }: FunctionVerdicts): RolloutView['functions'][number] {
  return { ...of, verdicts: [...verdicts] };
}
