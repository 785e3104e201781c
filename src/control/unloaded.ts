import type { BackendName } from '../domain/backend.js';
import { Failed } from '../domain/failure.js';
import type { Plugin } from '../domain/plugin.js';
import type { Route } from '../domain/route.js';
import { inForce, routesByPlugin } from './in-force.js';
import { own, type OwnedBackend } from './lease.js';
import type { BackendSpec } from '../domain/plugin.js';

/** Whether a plugin's backend is to be loaded: legacy is not once all functions are retired. */
export type Wanted = (plugin: Plugin, name: BackendName) => boolean;

export function wantedBy(routes: readonly Route[]): Wanted {
  const stored = routesByPlugin(routes);
  return (plugin, name) =>
    name === 'wasm' ||
    [...plugin.functions.keys()].some(
      (functionName) => inForce(plugin, functionName, stored.get(plugin.name)).stage.stage !== 'retired',
    );
}

/** Stands where a backend was that nobody needs any more. */
export function unloaded(name: BackendName, spec: BackendSpec, fingerprint: string): OwnedBackend {
  const detail = `the ${name} backend is unloaded: every function of the plugin is retired`;
  return own({
    name,
    spec,
    fingerprint,
    state: () => ({ state: 'unloaded' }),
    backend: {
      window: { size: 1 },
      call: () => Promise.reject(new Failed({ code: 'unavailable', detail, retryAfterMs: 10_000 }, name)),
      close: () => Promise.resolve(),
    },
  });
}
