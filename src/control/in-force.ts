import type { Plugin, PluginFunction } from '../domain/plugin.js';
import type { Route, RouteInForce } from '../domain/route.js';
import { percentOnWasm, type Stage } from '../domain/stage.js';
import type { Trip } from '../domain/trip.js';

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
export function inForce(
  plugin: Plugin,
  functionName: string | null,
  stored: StoredRoutes | undefined,
  trip: Trip | null = null,
): RouteInForce {
  const ofPlugin = stored?.get(null);
  const own = functionName === null ? ofPlugin : stored?.get(functionName);
  const stage = own?.stage ?? ofPlugin?.stage ?? initialStage(plugin);
  // Where legacy is gone there is nothing to take callers back to.
  const held = plugin.backends.legacy === null ? null : trip;
  const effective = functionName === null ? stage : effectiveStage(stage, held, plugin.functions.get(functionName));
  return {
    plugin: plugin.name,
    function: functionName,
    own: functionName === null ? true : (own?.stage ?? null) !== null,
    stage,
    effective,
    allowed: new Set(effective.stage === 'canary' ? effective.allow.map(asByteString) : []),
    // Once legacy is retired, nobody is held back by it: it would hold again if the route were set back.
    tripped: stage.stage === 'retired' ? null : trip,
    // A function that follows its plugin changes with it; one that was dropped changed when it was dropped.
    revision:
      (own?.stage ?? null) === null ? Math.max(own?.revision ?? 0, ofPlugin?.revision ?? 0) : (own?.revision ?? 0),
  };
}

/** How much of the calls a function that may not be run twice gives to a wasm that is tried again. Percent. */
const PROBED = 1;

/** What a trip makes of a stage: legacy answers. A stage in which it does so anyway is left as it is. */
function effectiveStage(stage: Stage, trip: Trip | null, spec: PluginFunction | undefined): Stage {
  if (trip === null || (stage.stage !== 'canary' && stage.stage !== 'wasm')) return stage;
  const twice = spec !== undefined && spec.effects !== 'unsafe';
  if (!trip.halfOpen) return twice && trip.mirror > 0 ? { stage: 'shadow', sample: trip.mirror } : { stage: 'legacy' };
  // Mirrored calls show whether it works again, and nobody waits for them; where there can be none, a few callers do.
  if (twice) return { stage: 'shadow', sample: 100 };
  const percent = Math.min(PROBED, percentOnWasm(stage));
  // Where those of `allow` are all that wasm answers, nobody else can show it.
  const allow = stage.stage === 'canary' && percent === 0 ? stage.allow : [];
  return { stage: 'canary', percent, sample: 0, allow, fallback: false };
}

/** Headers arrive as byte strings; the keys of `allow`, which arrive as text, are matched by their UTF-8 bytes. */
function asByteString(key: string): string {
  return Buffer.from(key, 'utf8').toString('latin1');
}
