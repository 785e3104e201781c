import type { BackendName } from '../domain/backend.js';
import type { Reloaded } from '../domain/control.js';
import type { DisabledPlugin, FileProblem, Generation } from '../domain/generation.js';
import { rejectedFor } from '../domain/misconfigured.js';
import { backendsOf, build } from './build.js';
import type { Built } from './build.js';
import type { ControlOptions, Discovered } from './options.js';
import type { OwnedBackend } from './lease.js';
import { judge } from './rules.js';
import { inForce, routesByPlugin } from './in-force.js';
import type { Wanted } from './unloaded.js';

interface ReloadOptions extends Pick<ControlOptions, 'discover' | 'open' | 'reportFor' | 'locate'> {
  readonly previous: readonly Built[];
  readonly wanted: Wanted;
}

interface Next {
  /** What was built, beside what `present` has now of what is carried over: a flip may have unloaded or loaded legacy. */
  readonly beside: (present: readonly Built[]) => readonly Built[];
  readonly disabled: ReadonlyMap<string, DisabledPlugin>;
  readonly summary: Omit<Reloaded, 'revision'>;
  /** The last look, at the moment of the swap; rejects, and closes what was built, when routes could not be followed. */
  readonly settle: (now: Generation) => Promise<void>;
  /** Closes what was built. */
  readonly giveUp: () => Promise<void>;
}

/**
 * Reads everything again and builds what changed, beside what runs. Any mistake rejects with `invalid`, after closing
 * whatever had been built for it: nothing that runs has been touched.
 */
export async function prepareReload(options: ReloadOptions): Promise<Next> {
  const found = await options.discover();
  refuse([...found.disabled.values()].flatMap((plugin) => plugin.problems));

  const before = new Map(options.previous.map((each) => [each.plugin.name, each]));
  const built = await Promise.all(
    [...found.plugins.values()].map(async (plugin) => {
      const previous = before.get(plugin.name);
      return previous?.plugin.digest === plugin.digest && !hasRefused(previous)
        ? previous
        : await build(plugin, previous, options);
    }),
  );
  const held = new Set(backendsOf(options.previous));
  const holding = new Set(backendsOf(built));
  const giveUp = async (): Promise<void> => {
    await Promise.all([...holding].filter((backend) => !held.has(backend)).map((backend) => backend.retire()));
  };
  const orGiveUp = async (problems: readonly FileProblem[]): Promise<void> => {
    if (problems.length > 0) await giveUp();
    refuse(problems);
  };
  await orGiveUp(await refusals(built, held, options.locate));

  const names = (wanted: (plugin: Built) => boolean): string[] => built.filter(wanted).map((each) => each.plugin.name);
  const digestBefore = (each: Built): string | undefined => before.get(each.plugin.name)?.plugin.digest;
  return {
    beside: (present) =>
      built.map((each) => {
        const now = present.find(({ plugin }) => plugin.name === each.plugin.name);
        const carried = (name: BackendName): OwnedBackend | null => {
          const backend = each[name];
          return backend !== null && held.has(backend) ? (now?.[name] ?? backend) : backend;
        };
        return { plugin: each.plugin, legacy: carried('legacy'), wasm: carried('wasm') };
      }),
    disabled: found.disabled,
    settle: (now) => orGiveUp(orphans(found, now)),
    giveUp,
    summary: {
      added: names((each) => digestBefore(each) === undefined),
      changed: names((each) => digestBefore(each) !== undefined && digestBefore(each) !== each.plugin.digest),
      removed: [...before.keys()].filter((name) => !found.plugins.has(name)),
      unchanged: names((each) => digestBefore(each) === each.plugin.digest),
    },
  };
}

function refuse(problems: readonly FileProblem[]): void {
  if (problems.length > 0) throw rejectedFor(problems);
}

/** A refused backend is worth another try even when its files are the same: what it lacked may be there now. */
function hasRefused(built: Built): boolean {
  return backendsOf([built]).some((backend) => backend.state().state === 'refused');
}

async function refusals(
  built: readonly Built[],
  held: ReadonlySet<OwnedBackend>,
  locate: ControlOptions['locate'],
): Promise<readonly FileProblem[]> {
  const located: Promise<FileProblem>[] = [];
  for (const each of built) {
    for (const backend of backendsOf([each])) {
      const state = backend.state();
      if (held.has(backend) || state.state !== 'refused') continue;
      located.push(...state.problems.map(({ pointer, message }) => locate(each.plugin.name, pointer, message)));
    }
  }
  return await Promise.all(located);
}

/** Routes that the plugins, as they are now, could not follow. */
function orphans(found: Discovered, generation: Generation): readonly FileProblem[] {
  const stored = routesByPlugin(generation.routes);
  return [...found.plugins.values()].flatMap((plugin) =>
    [null, ...plugin.functions.keys()].flatMap((functionName) => {
      const route = inForce(plugin, functionName, stored.get(plugin.name));
      return judge(plugin, functionName, route.stage).mistakes.map(({ message }) => ({
        file: plugin.name,
        line: 1,
        column: 1,
        path: 'backends',
        message: `its route could not be followed any more: ${message}`,
      }));
    }),
  );
}
