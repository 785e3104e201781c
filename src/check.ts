import { createComparer } from './comparison/comparer.js';
import { type BackendEvent, BACKEND_NAMES, type BackendName, Refused } from './domain/backend.js';
import type { Configuration } from './domain/configuration.js';
import type { Plugin } from './domain/plugin.js';
import { createOpener, type Opener } from './open-backends.js';
import { checkFiles, type Probed } from './registry/check-files.js';

interface CheckOptions {
  /** The path of `banyan.yaml`. */
  readonly config: string;
  readonly json: boolean;
}

/** The composition root of `check`: what the files say, and whether every backend opens, and every module that compares. Resolves to the exit status. */
export async function check({ config, json }: CheckOptions): Promise<0 | 1> {
  let opener = null as Opener | null;

  async function probe(plugin: Plugin, { libraryRoots, inProcess }: Configuration): Promise<Probed> {
    const open = (opener ??= createOpener({ libraryRoots, inProcess, lanes: 1, crashesExpected: false }));
    const probed = await Promise.all(BACKEND_NAMES.map((name) => probeBackend(plugin, name, open)));
    return {
      problems: probed.flatMap(({ problems }) => problems),
      warnings: probed.flatMap(({ warnings }) => warnings),
    };
  }

  try {
    return await checkFiles({
      config,
      json,
      print: (line) => console.log(line),
      probe,
      tryComparer: createComparer().tryModule,
    });
  } finally {
    await opener?.close();
  }
}

async function probeBackend(plugin: Plugin, name: BackendName, opener: Opener): Promise<Probed> {
  const spec = plugin.backends[name];
  const warnings: string[] = [];
  if (spec === null) return { problems: [], warnings };
  try {
    const backend = await opener.open(spec, (event) => void warnings.push(...warningsOf(event)));
    await backend.close();
    return { problems: [], warnings };
  } catch (error) {
    if (error instanceof Refused) return { problems: error.problems, warnings };
    throw error;
  }
}

/** What a backend tells while it is opened that an owner should know before it serves. */
function warningsOf(event: BackendEvent): readonly string[] {
  if (event.type !== 'state' || event.state.state !== 'ready') return [];
  return (event.state.containment?.missing ?? []).map((missing) => `its code is not held back: ${missing}`);
}
