import type { DisabledPlugin, Generation, LiveFunction, LivePlugin } from '../domain/generation.js';
import type { Route } from '../domain/route.js';
import type { Trip } from '../domain/trip.js';
import type { Built } from './build.js';
import { inForce, routesByPlugin } from './in-force.js';

interface Parts {
  readonly revision: number;
  readonly routes: readonly Route[];
  readonly built: readonly Built[];
  readonly disabled: ReadonlyMap<string, DisabledPlugin>;
  readonly tripOf: (plugin: string, functionName: string) => Trip | null;
}

/** Makes the snapshot that calls read. Pure: nothing is opened or closed here. */
export function assemble(parts: Parts): Generation {
  const stored = routesByPlugin(parts.routes);
  const plugins = new Map<string, LivePlugin>();
  for (const { plugin, legacy, wasm } of parts.built) {
    const own = stored.get(plugin.name);
    const functions = new Map<string, LiveFunction>();
    for (const [name, spec] of plugin.functions) {
      functions.set(name, {
        plugin: plugin.name,
        spec,
        route: inForce(plugin, name, own, parts.tripOf(plugin.name, name)),
        legacy,
        wasm,
      });
    }
    plugins.set(plugin.name, { plugin, route: inForce(plugin, null, own), functions, legacy, wasm });
  }
  return { revision: parts.revision, routes: parts.routes, plugins, disabled: parts.disabled };
}

/** Every route in force: each plugin's own, then its functions'. */
export function routesInForce(generation: Generation): LivePlugin['route'][] {
  return [...generation.plugins.values()].flatMap((live) => [
    live.route,
    ...[...live.functions.values()].map((each) => each.route),
  ]);
}
