import type { BackendName, BackendState } from '#src/domain/backend.js';
import type { Generation, LiveBackend, LiveFunction } from '#src/domain/generation.js';
import type { Plugin, PluginFunction } from '#src/domain/plugin.js';
import type { Stage } from '#src/domain/stage.js';
import type { Trip } from '#src/domain/trip.js';
import { functionNamed } from '../functions.js';

interface FunctionShape {
  readonly stage: Stage;
  readonly tripped?: Trip;
}

interface PluginShape {
  readonly functions: Readonly<Record<string, FunctionShape>>;
  readonly legacy?: BackendState;
  readonly wasm?: BackendState;
}

const READY: BackendState = { state: 'ready', pids: [] };

/** A generation of a given shape: domain data alone, its backends are looked at and never called. */
export function generationOf(revision: number, plugins: Readonly<Record<string, PluginShape>>): Generation {
  const live = Object.entries(plugins).map(([name, shape]) => {
    const legacy = backend('legacy', 'native', shape.legacy ?? READY);
    const wasm = backend('wasm', 'wasm', shape.wasm ?? READY);
    const pluginRoute = { plugin: name, function: null, own: true, revision, ...inForce({ stage: 'legacy' }, null) };
    const functions = new Map<string, LiveFunction>(
      Object.entries(shape.functions).map(([functionName, { stage, tripped = null }]) => {
        const route = { ...pluginRoute, function: functionName, ...inForce(stage, tripped) };
        return [functionName, { plugin: name, spec: spec(functionName), route, legacy, wasm }];
      }),
    );
    return [name, { plugin: plugin(name, functions), route: pluginRoute, functions, legacy, wasm }] as const;
  });
  return { revision, routes: [], plugins: new Map(live), disabled: new Map() };
}

function inForce(stage: Stage, tripped: Trip | null) {
  const effective: Stage = tripped === null ? stage : { stage: 'legacy' };
  return { stage, effective, allowed: new Set<string>(), tripped };
}

function plugin(name: string, functions: ReadonlyMap<string, LiveFunction>): Plugin {
  return {
    name,
    version: '1.0.0',
    digest: '',
    functions: new Map([...functions.values()].map((live) => [live.spec.name, live.spec])),
    limits: { queue: 1, output: 1 },
    backends: { legacy: null, wasm: null },
  };
}

function spec(name: string): PluginFunction {
  return functionNamed(name, { effects: 'pure', timeoutMs: 1_000 });
}

function backend(name: BackendName, kind: string, state: BackendState): LiveBackend {
  let leases = 0;
  return {
    name,
    kind,
    version: '1.0.0',
    sha256: '',
    digest: '',
    backend: {
      window: { size: 1 },
      call: () => Promise.reject(new Error('nobody calls it')),
      close: () => Promise.resolve(),
    },
    state: () => state,
    inFlight: () => leases,
    acquire: () => (leases += 1),
    release: () => (leases -= 1),
  };
}
