import { openNative } from '../adapters/native/parent/open.js';
import { startLanes } from '../adapters/wasm/parent/lanes.js';
import { BACKEND_NAMES, Refused } from './domain/backend.js';
import type { Problem } from './domain/backend.js';
import type { Plugin } from './domain/plugin.js';
import { checkFiles } from './registry/check-files.js';

interface CheckOptions {
  /** The path of `banyan.yaml`. */
  readonly config: string;
  readonly json: boolean;
}

/** The composition root of `check`: what the files say, and whether every backend opens. Resolves to the exit status. */
export async function check({ config, json }: CheckOptions): Promise<0 | 1> {
  const openLibrary = openNative();
  const lanes = startLanes({ lanes: 1 });

  async function probe(plugin: Plugin): Promise<readonly Problem[]> {
    const problems = await Promise.all(
      BACKEND_NAMES.map(async (name) => {
        const spec = plugin.backends[name];
        if (spec === null) return [];
        try {
          const ignore = (): void => undefined;
          const backend = await (spec.kind === 'native' ? openLibrary(spec, ignore) : lanes.open(spec, ignore));
          await backend.close();
          return [];
        } catch (error) {
          if (error instanceof Refused) return error.problems;
          throw error;
        }
      }),
    );
    return problems.flat();
  }

  try {
    return await checkFiles({ config, json, print: (line) => console.log(line), probe });
  } finally {
    await lanes.close();
  }
}
