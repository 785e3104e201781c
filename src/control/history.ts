import type { HistoryEntry, RouteChange } from '../domain/control.js';
import type { Route } from '../domain/route.js';
import type { Stage } from '../domain/stage.js';
import type { StateDocument } from './stores/store.js';

/** What changed from one state to the next, for people to read. `before` null: it is no longer retained. */
export function historyEntry(before: StateDocument | null, after: StateDocument): HistoryEntry {
  return {
    revision: after.revision,
    at: after.at,
    by: after.by,
    comment: after.comment,
    changes: after.routes.filter((route) => route.revision === after.revision).map((route) => change(before, route)),
  };
}

function change(before: StateDocument | null, route: Route): RouteChange {
  const from = before === null ? null : stageIn(before.routes, route.plugin, route.function);
  return { plugin: route.plugin, function: route.function, from, to: route.stage };
}

/** The stored stage of a route; null where it has none of its own. */
export function stageIn(routes: readonly Route[], plugin: string, functionName: string | null): Stage | null {
  return routes.find((route) => route.plugin === plugin && route.function === functionName)?.stage ?? null;
}
