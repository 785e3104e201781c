import type { Plugin } from '../domain/plugin.js';
import type { Route, RouteInForce } from '../domain/route.js';
import type { Stage } from '../domain/stage.js';

/** The stored routes of one plugin, by function; the plugin's own is under null. */
export type StoredRoutes = ReadonlyMap<string | null, Route>;

export function routesByPlugin(routes: readonly Route[]): ReadonlyMap<string, StoredRoutes> {
  const byPlugin = new Map<string, Map<string | null, Route>>();
  for (const route of routes) {
    let own = byPlugin.get(route.plugin);
    if (own === undefined) byPlugin.set(route.plugin, (own = new Map<string | null, Route>()));
    own.set(route.function, route);
  }
  return byPlugin;
}

/** Without a stored route a plugin starts in `legacy` if it has that backend, else in `wasm`. */
export function initialStage(plugin: Plugin): Stage {
  return plugin.backends.legacy === null ? { stage: 'wasm', sample: 0, fallback: false } : { stage: 'legacy' };
}

/** What is in force for the plugin (`functionName` null) or one of its functions. */
export function inForce(plugin: Plugin, functionName: string | null, stored: StoredRoutes | undefined): RouteInForce {
  const ofPlugin = stored?.get(null);
  const own = functionName === null ? ofPlugin : stored?.get(functionName);
  const stage = own?.stage ?? ofPlugin?.stage ?? initialStage(plugin);
  return {
    plugin: plugin.name,
    function: functionName,
    own: functionName === null ? true : (own?.stage ?? null) !== null,
    stage,
    effective: stage,
    allowed: new Set(stage.stage === 'canary' ? stage.allow.map(asByteString) : []),
    tripped: null,
    // A function that follows its plugin changes with it; one that was dropped changed when it was dropped.
    revision:
      (own?.stage ?? null) === null ? Math.max(own?.revision ?? 0, ofPlugin?.revision ?? 0) : (own?.revision ?? 0),
  };
}

/** Headers arrive as byte strings; the keys of `allow`, which arrive as text, are matched by their UTF-8 bytes. */
function asByteString(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1');
}
