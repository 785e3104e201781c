import type { BackendName, BackendState } from '#src/domain/backend.js';
import type { Generation, LiveBackend, LiveFunction, LivePlugin } from '#src/domain/generation.js';
import type { PluginFunction } from '#src/domain/plugin.js';
import type { RouteInForce } from '#src/domain/route.js';
import type { Stage } from '#src/domain/stage.js';
import { queued } from '#src/dispatch/queue.js';
import { functionNamed } from '../functions.js';
import { scriptedBackend, type ScriptedBackend } from '../scripted-backend.js';

export interface Scripted {
  readonly live: LiveFunction;
  readonly legacy: ScriptedBackend;
  readonly wasm: ScriptedBackend;
  readonly generation: Generation;
}

/** A function `p/f` in a stage, its backends answered by the test; pure unless said otherwise. */
export function liveFunction(
  stage: Stage,
  given: {
    readonly spec?: Partial<PluginFunction>;
    readonly route?: Partial<RouteInForce>;
    readonly window?: number;
    readonly legacyState?: BackendState;
    readonly now?: () => number;
  } = {},
): Scripted {
  const window = given.window ?? 4;
  const legacy = scriptedBackend({ size: window });
  const wasm = scriptedBackend({ size: window });
  const spec = functionNamed('f', { effects: 'pure', timeoutMs: 1_000, ...given.spec });
  const route: RouteInForce = {
    plugin: 'p',
    function: 'f',
    own: true,
    stage,
    effective: stage,
    allowed: new Set(),
    tripped: null,
    revision: 1,
    ...given.route,
  };
  const live: LiveFunction = {
    plugin: 'p',
    spec,
    route,
    legacy: liveBackend('legacy', legacy, given),
    wasm: liveBackend('wasm', wasm, { now: given.now }),
  };
  return { live, legacy, wasm, generation: generationOf(live) };
}

export function generationOf(live: LiveFunction): Generation {
  const plugin: LivePlugin = {
    plugin: {
      name: live.plugin,
      version: '1',
      digest: '',
      functions: new Map([[live.spec.name, live.spec]]),
      limits: { queue: 10, output: 1024 },
      backends: { legacy: null, wasm: null },
    },
    route: { ...live.route, function: null },
    functions: new Map([[live.spec.name, live]]),
    legacy: live.legacy,
    wasm: live.wasm,
  };
  return { revision: 1, routes: [], plugins: new Map([[live.plugin, plugin]]), disabled: new Map() };
}

function liveBackend(
  name: BackendName,
  backend: ScriptedBackend,
  { legacyState = { state: 'ready', pids: [] }, now }: { legacyState?: BackendState; now?: (() => number) | undefined },
): LiveBackend {
  let leases = 0;
  return {
    name,
    kind: name,
    version: '1',
    sha256: name,
    digest: name,
    backend: queued(backend, { name, limit: 10, ...(now === undefined ? {} : { now }) }),
    state: () => legacyState,
    inFlight: () => leases,
    acquire: () => void (leases += 1),
    release: () => void (leases -= 1),
  };
}
