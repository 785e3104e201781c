import type { Recorded } from '../../domain/event.js';
import type { EventView } from '../../schema/event.js';
import { backendViewOf } from './plugin-view.js';
import { tripViewOf } from './trip-view.js';

export function eventViewOf({ id, at, event }: Recorded): EventView {
  switch (event.type) {
    case 'route': {
      const { type, revision, by, comment, changes, omitted } = event;
      return { id, at, type, revision, by, comment, changes: [...changes], omitted };
    }
    case 'backend': {
      const { type, plugin, backend, spec, state } = event;
      return { id, at, type, plugin, backend, ...backendViewOf(spec, state) };
    }
    case 'plugin': {
      const { type, by, comment, added, changed, removed } = event;
      return { id, at, type, by, comment, added: [...added], changed: [...changed], removed: [...removed] };
    }
    case 'trip':
      return { id, at, type: event.type, ...tripViewOf(event.trip), ended: event.ended };
    case 'mismatch':
      return { id, at, ...event, differences: [...event.differences] };
    case 'rollout': {
      const { type, plugin, rollout } = event;
      const { plan, state, trouble } = rollout;
      return { id, at, type, plugin, function: event.function, steps: plan.steps.length, state, trouble };
    }
    default:
      return event satisfies never;
  }
}
