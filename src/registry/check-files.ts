import { join } from 'node:path';
import type { Problem } from '../domain/backend.js';
import type { TryComparer } from '../domain/compare.js';
import type { FileProblem } from '../domain/generation.js';
import type { Configuration } from '../domain/configuration.js';
import { Misconfigured, problemLine } from '../domain/misconfigured.js';
import type { Plugin } from '../domain/plugin.js';
import { discover } from './discover.js';
import { locate } from './locate.js';
import { MANIFEST } from './read-plugin.js';
import { readConfiguration } from './read-configuration.js';

/** What came of opening a plugin's backends. */
export interface Probed {
  /** By pointers into the manifest. */
  readonly problems: readonly Problem[];
  /** What is no mistake, and should be known. */
  readonly warnings: readonly string[];
}

/** Opens a plugin's backends and closes them again. */
export type Probe = (plugin: Plugin, configuration: Configuration) => Promise<Probed>;

/** What is run of the operator's to find more than reading does. */
interface Trials {
  /** Without it libraries and modules are hashed, but not loaded. */
  readonly probe?: Probe;
  /** The same for modules that compare. */
  readonly tryComparer?: TryComparer;
}

export interface CheckFilesOptions extends Trials {
  /** The configuration's file. */
  readonly config: string;
  readonly json: boolean;
  readonly print: (line: string) => void;
}

/** Everything that `banyan check` found out. */
interface Checked {
  /** Plugins without a mistake, in the order of names. */
  readonly plugins: readonly string[];
  readonly problems: readonly FileProblem[];
  /** By plugin. */
  readonly warnings: readonly { readonly plugin: string; readonly message: string }[];
}

/** Reads the configuration and all that it names, prints every mistake and returns the exit status: 0, or 1 with mistakes. */
export async function checkFiles({ config, json, print, ...trials }: CheckFilesOptions): Promise<0 | 1> {
  const { plugins, problems, warnings } = await findMistakes(config, trials);
  if (json) {
    print(JSON.stringify({ plugins, problems, warnings }));
  } else {
    for (const problem of problems) print(problemLine(problem));
    for (const { plugin, message } of warnings) print(`warning: ${plugin}: ${message}`);
    const count = problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`;
    const good = plugins.length === 0 ? 'no plugin is fine' : `fine: ${plugins.join(', ')}`;
    print(problems.length === 0 && plugins.length === 0 ? 'no plugins, no mistakes' : `${count}; ${good}`);
  }
  return problems.length === 0 ? 0 : 1;
}

/** Every mistake in the configuration and the plugin folders at once; never rejects for one of the operator's. */
export async function findMistakes(config: string, { probe, tryComparer }: Trials): Promise<Checked> {
  try {
    const configuration = await readConfiguration(config);
    const { plugins, disabled } = await discover(configuration, tryComparer);
    const problems = [...disabled.values()].flatMap((plugin) => plugin.problems);
    const good: string[] = [];
    const warnings: { plugin: string; message: string }[] = [];
    // One after the other: a probe starts processes, and a check has time.
    for (const plugin of plugins.values()) {
      const probed = await probe?.(plugin, configuration);
      const refused = probed?.problems ?? [];
      const manifest = join(configuration.plugins, plugin.name, MANIFEST);
      for (const problem of refused) problems.push(await locate(manifest, problem));
      for (const message of probed?.warnings ?? []) warnings.push({ plugin: plugin.name, message });
      if (refused.length === 0) good.push(plugin.name);
    }
    return { plugins: good, problems, warnings };
  } catch (error) {
    if (error instanceof Misconfigured) return { plugins: [], problems: error.problems, warnings: [] };
    throw error;
  }
}
