import { functionNamed } from '../functions.js';
import type { Effects, Plugin, PluginFunction } from '#src/domain/plugin.js';

interface Shape {
  readonly functions?: Readonly<Record<string, Effects>>;
  readonly legacy?: string | null;
  readonly wasm?: string | null;
}

/** A plugin as the registry would have found it; `legacy` and `wasm` are the digests of their artefacts. */
export function plugin(name: string, shape: Shape = {}): Plugin {
  const { functions = { quote: 'pure' }, legacy = 'l1', wasm = 'w1' } = shape;
  const common = { plugin: name, version: '1.0.0', outputLimit: 1024 };
  return {
    name,
    version: '1.0.0',
    digest: JSON.stringify([functions, legacy, wasm]),
    functions: new Map(Object.entries(functions).map(([each, effects]) => [each, declared(each, effects)])),
    limits: { queue: 1000, output: 1024 },
    backends: {
      legacy:
        legacy === null
          ? null
          : {
              ...common,
              kind: 'native',
              library: { path: `/${name}.so`, sha256: legacy },
              functions: new Map(),
              types: [],
              init: null,
              shutdown: null,
              lastError: null,
              free: 'free',
              abi: null,
              config: new Map(),
              isolation: 'process',
              group: null,
              containment: 'none',
              rights: { network: true, spawn: true, paths: new Map() },
              recycle: { calls: null, growth: null },
              poolSize: 1,
              memory: null,
              restarts: { max: 5, withinMs: 60_000, restMs: 10_000 },
            },
      wasm:
        wasm === null
          ? null
          : {
              ...common,
              kind: 'wasm',
              module: { path: `/${name}.wasm`, sha256: wasm },
              functions: new Map(),
              link: new Map(),
              memory: 65_536,
              instance: 'reuse',
              config: new Map(),
              hosts: [],
              paths: new Map(),
              calls: [],
              isolation: 'thread',
              containment: 'preferred',
            },
    },
  };
}

function declared(name: string, effects: Effects): PluginFunction {
  return functionNamed(name, { effects, timeoutMs: 500, output: 'application/json' });
}
