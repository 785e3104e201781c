import type { Recorded } from '../../domain/event.js';
import type { EventView } from '../../schema/event.js';
import { backendViewOf } from './plugin-view.js';

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
    default:
      return event satisfies never;
  }
}
