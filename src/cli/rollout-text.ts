import type { RolloutState } from '../domain/rollout.js';
import type { RolloutRead } from '../schema/rollout-view.js';
import { stageText } from './stage-text.js';

/** What somebody else has made of a rollout's route since, in few words; null: nothing. */
export function changedText({ changed }: Pick<RolloutRead, 'changed'>): string | null {
  if (changed === null) return null;
  const whose = changed.own ? '' : ', as its plugin';
  return `its route was changed since: revision ${changed.revision}, ${stageText(changed.stage)}${whose}`;
}

/** A rollout's state in few words. Steps are counted from 1, as people do. */
export function rolloutText(state: RolloutState, steps: number): string {
  switch (state.state) {
    case 'running':
      return `step ${state.step + 1} of ${steps} is running${state.stalled ? ', and stalled' : ''}`;
    case 'awaiting':
      return `step ${state.step + 1} of ${steps} waits for promote${state.stalled ? ', and is stalled' : ''}`;
    case 'paused':
      return byWhom('paused', state, ` in step ${state.step + 1} of ${steps}`);
    case 'tripped':
      return `tripped in step ${state.step + 1} of ${steps}: ${state.cause}: ${state.why}`;
    case 'completed':
      return 'completed';
    case 'aborted':
      return `aborted in step ${state.step + 1} of ${steps} by ${state.by}`;
    case 'removed':
      return byWhom('removed', state);
    default:
      return state satisfies never;
  }
}

/** Who gave no reason is not named twice. */
function byWhom(what: string, { by, why }: { readonly by: string; readonly why: string }, where = ''): string {
  return `${what}${where} by ${by}${why === `${what} by ${by}` ? '' : `: ${why}`}`;
}
