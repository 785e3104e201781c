import { join } from 'node:path';
import { backendsOf, build, type Built } from './control/build.js';
import { assemble } from './control/assemble.js';
import type { OwnedBackend } from './control/lease.js';
import { Deadlines } from './dispatch/deadline.js';
import { createDispatcher } from './dispatch/dispatcher.js';
import { nestedBy } from './dispatch/nested.js';
import { queued } from './dispatch/queue.js';
import { Call } from './domain/call.js';
import type { Ended } from './domain/comparison.js';
import type { Configuration } from './domain/configuration.js';
import { Failed } from './domain/failure.js';
import type { Generation } from './domain/generation.js';
import { Misconfigured } from './domain/misconfigured.js';
import type { Plugin } from './domain/plugin.js';
import type { FoundPlugin } from './find-plugin.js';
import { createOpener } from './open-backends.js';
import type { Pair } from './parity/pair.js';
import { patient, type Side } from './parity/patient.js';
import { locate } from './registry/locate.js';

/** Both sides of a plugin, open, without a gateway around them. */
export interface OpenSides {
  /** The functions that were asked for. */
  readonly pairs: ReadonlyMap<string, Pair>;
  close(): Promise<void>;
}

/** Opens both sides of what is asked for; rejects with {@link Misconfigured} where one is refused. */
export async function openSides({
  configuration,
  plugins,
  disabled,
  plugin,
  functions,
}: FoundPlugin): Promise<OpenSides> {
  const opened: Built[] = [];
  let generation: Generation | null = null;
  const dispatcher = createDispatcher({
    // Of calls that plugins make, which go by the routes that a gateway begins with: first made when all are open.
    current: () => (generation ??= assemble({ revision: 0, routes: [], built: opened, disabled, tripOf: () => null })),
    deadlines: new Deadlines(),
    observe: () => undefined,
    onDefect: (defect) => {
      throw defect;
    },
  });
  const { libraryRoots, inProcess, lanes } = configuration;
  const opener = createOpener({
    libraryRoots,
    inProcess,
    lanes,
    crashesExpected: true,
    callNested: nestedBy(dispatcher),
  });

  async function close(): Promise<void> {
    await Promise.all(backendsOf(opened).map((backend) => backend.retire()));
    await opener.close();
  }

  async function open(each: Plugin): Promise<Built> {
    const built = await build(each, undefined, {
      open: async (_plugin, name, spec, report) =>
        queued(await opener.open(spec, report), { name, limit: each.limits.queue }),
      reportFor: () => () => undefined,
      wanted: () => true,
    });
    opened.push(built);
    await refuseMistakes(built, configuration);
    return built;
  }

  try {
    const built = await open(plugin);
    for (const other of calledBy(plugin, plugins)) await open(other);
    return { pairs: pairsOf(built, functions), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Plugins whose functions this one may call, and those that they may call. */
function calledBy(plugin: Plugin, plugins: ReadonlyMap<string, Plugin>): ReadonlySet<Plugin> {
  const called = new Set<Plugin>();
  const visit = (from: Plugin): void => {
    for (const grant of from.backends.wasm?.calls ?? []) {
      const other = plugins.get(grant.split('/')[0] ?? '');
      if (other === undefined || other === plugin || called.has(other)) continue;
      called.add(other);
      visit(other);
    }
  };
  visit(plugin);
  return called;
}

async function refuseMistakes(built: Built, configuration: Configuration): Promise<void> {
  const manifest = join(configuration.plugins, built.plugin.name, 'plugin.yaml');
  const states = [built.legacy, built.wasm].flatMap((backend) => (backend === null ? [] : [backend.state()]));
  const problems = states.flatMap((state) => (state.state === 'refused' ? state.problems : []));
  if (problems.length === 0) return;
  throw new Misconfigured(await Promise.all(problems.map((problem) => locate(manifest, problem))));
}

function pairsOf({ plugin, legacy, wasm }: Built, functions: readonly string[]): ReadonlyMap<string, Pair> {
  const deadlines = new Deadlines();
  const [onLegacy, onWasm] = [legacy, wasm].map((backend) => {
    if (backend === null) throw new Error('a side is missing that was there');
    return patient(sideOf(plugin, backend, deadlines));
  });
  return new Map(
    functions.flatMap((name) => {
      const spec = plugin.functions.get(name);
      if (spec === undefined || onLegacy === undefined || onWasm === undefined) return [];
      return [
        [
          name,
          {
            plugin: plugin.name,
            spec,
            legacy: (input) => onLegacy(name, input),
            wasm: (input) => onWasm(name, input),
          } satisfies Pair,
        ] as const,
      ];
    }),
  );
}

function sideOf(plugin: Plugin, { name, backend }: OwnedBackend, deadlines: Deadlines): Side {
  let calls = 0;
  return {
    name,
    window: backend.window.size,
    async call(functionName, input) {
      calls += 1;
      const call = new Call({
        plugin: plugin.name,
        function: functionName,
        input,
        deadline: performance.now() + (plugin.functions.get(functionName)?.timeoutMs ?? 0),
        requestId: `parity-${calls}`,
        // No other calls are to be spared here: mirrored ones would go in turn, one at a time.
        role: 'primary',
      });
      const deadline = deadlines.arm(call);
      try {
        return await backend.call(call);
      } catch (error) {
        return failureOf(error);
      } finally {
        deadlines.cancel(deadline);
        call.onStop = null;
      }
    },
  };
}

function failureOf(error: unknown): Ended {
  if (error instanceof Failed) return error.failure;
  throw error;
}
