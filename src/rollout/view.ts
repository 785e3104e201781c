import type { ChangedRoute, Rollout, RolloutState } from '../domain/rollout.js';
import type { RouteInForce } from '../domain/route.js';
import type { RolloutRecord } from './book.js';
import type { Judgement } from './judge.js';

/** A rollout for whoever asks how it goes. */
export function viewOf(
  record: RolloutRecord,
  route: RouteInForce | null,
  { functions, progress }: Judgement,
  trouble: string | null,
): Rollout {
  const { plugin, function: functionName, revision, plan, state, history } = record;
  return {
    plugin,
    function: functionName,
    revision,
    changed: record.moving === null ? changedSince(revision, route) : null,
    plan,
    state,
    progress: { ...progress, missing: missingIn(state, progress.missing) },
    functions,
    history,
    trouble,
  };
}

function changedSince(known: number, route: RouteInForce | null): ChangedRoute | null {
  if (route === null || route.revision === known) return null;
  const { revision, stage, own } = route;
  return { revision, stage, own };
}

/** What keeps a rollout where it is. */
function missingIn(state: RolloutState, missing: readonly string[]): readonly string[] {
  switch (state.state) {
    case 'running':
      return missing;
    case 'awaiting':
      return ["an operator's promote"];
    case 'paused':
      return [...missing, "an operator's resume"];
    case 'tripped':
      return ['what was tripped has to be given back to wasm, by itself or by resume'];
    case 'aborted':
      return ["an operator's resume"];
    case 'completed':
    case 'removed':
      return [];
    default:
      return state satisfies never;
  }
}
