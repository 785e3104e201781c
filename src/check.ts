import { openNative } from '../adapters/native/open.js';
import { containedProcesses } from '../adapters/native/contained.js';
import { openWasm } from '../adapters/wasm/open.js';
import { openInProcesses } from '../adapters/wasm/process/parent/open.js';
import { startLanes } from '../adapters/wasm/parent/lanes.js';
import { type BackendEvent, BACKEND_NAMES, type BackendName, Refused } from './domain/backend.js';
import type { Configuration } from './domain/configuration.js';
import type { Plugin } from './domain/plugin.js';
import { checkFiles, type Probed } from './registry/check-files.js';

interface CheckOptions {
  /** The path of `banyan.yaml`. */
  readonly config: string;
  readonly json: boolean;
}

/** The composition root of `check`: what the files say, and whether every backend opens. Resolves to the exit status. */
export async function check({ config, json }: CheckOptions): Promise<0 | 1> {
  const lanes = startLanes({ lanes: 1 });
  const openModule = openWasm(lanes.open, openInProcesses({ contained: containedProcesses(), lanes: 1 }));

  async function probe(plugin: Plugin, { libraryRoots, inProcess }: Configuration): Promise<Probed> {
    const openLibrary = openNative({ libraryRoots, inProcess, spares: false });
    const probed = await Promise.all(BACKEND_NAMES.map((name) => probeBackend(plugin, name, openLibrary)));
    return {
      problems: probed.flatMap(({ problems }) => problems),
      warnings: probed.flatMap(({ warnings }) => warnings),
    };
  }

  async function probeBackend(
    plugin: Plugin,
    name: BackendName,
    openLibrary: ReturnType<typeof openNative>,
  ): Promise<Probed> {
    const spec = plugin.backends[name];
    const warnings: string[] = [];
    if (spec === null) return { problems: [], warnings };
    const listen = (event: BackendEvent): void => void warnings.push(...warningsOf(event));
    try {
      const backend = await (spec.kind === 'native' ? openLibrary(spec, listen) : openModule(spec, listen));
      await backend.close();
      return { problems: [], warnings };
    } catch (error) {
      if (error instanceof Refused) return { problems: error.problems, warnings };
      throw error;
    }
  }

  try {
    return await checkFiles({ config, json, print: (line) => console.log(line), probe });
  } finally {
    await lanes.close();
  }
}

/** What a backend tells while it is opened that an owner should know before it serves. */
function warningsOf(event: BackendEvent): readonly string[] {
  if (event.type !== 'state' || event.state.state !== 'ready') return [];
  return (event.state.containment?.missing ?? []).map((missing) => `its code is not held back: ${missing}`);
}
