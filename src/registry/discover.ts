import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TryComparer } from '../domain/compare.js';
import type { Configuration } from '../domain/configuration.js';
import type { DisabledPlugin } from '../domain/generation.js';
import { Misconfigured } from '../domain/misconfigured.js';
import type { Plugin } from '../domain/plugin.js';
import { NAME } from '../schema/name.js';
import type { Root } from './artefact.js';
import { inParallel } from './in-parallel.js';
import { locate } from './locate.js';
import { MANIFEST, readPlugin } from './read-plugin.js';
import { codeOf, reasonOf } from './reason.js';

/** What the plugins folder holds, by name and in the order of names. */
export interface Discovered {
  readonly plugins: ReadonlyMap<string, Plugin>;
  /** Folders that look like a plugin and cannot be used, with the reasons. */
  readonly disabled: ReadonlyMap<string, DisabledPlugin>;
}

const AT_ONCE = 16;

/**
 * Reads every plugin folder anew. A mistake in one disables that plugin alone; hidden folders and plain files are
 * none. Rejects with {@link Misconfigured} only when the plugins folder itself cannot be read. Without `tryComparer`,
 * modules that compare are hashed, but not loaded.
 */
export async function discover(configuration: Configuration, tryComparer?: TryComparer): Promise<Discovered> {
  const names = await folderNames(configuration);
  const roots = await realRoots(configuration.libraryRoots);
  const found = await inParallel(names, AT_ONCE, (name) =>
    tryPlugin(join(configuration.plugins, name), name, (folder) => readPlugin(folder, roots, tryComparer)),
  );
  const plugins = new Map<string, Plugin>();
  const disabled = new Map<string, DisabledPlugin>();
  for (const one of found) {
    if ('problems' in one) disabled.set(one.name, one);
    else plugins.set(one.name, one);
  }
  return { plugins, disabled };
}

async function folderNames(configuration: Configuration): Promise<string[]> {
  const { file, plugins } = configuration;
  try {
    const entries = await readdir(plugins, { withFileTypes: true });
    const names = entries.filter(
      (entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()),
    );
    const folders = await inParallel(names, AT_ONCE, async (entry) => {
      const { name } = entry;
      if (entry.isDirectory()) return [name];
      // A link that leads nowhere was meant to be a plugin; one to a plain file was not.
      const isFolder = await stat(join(plugins, name)).then(
        (target) => target.isDirectory(),
        () => true,
      );
      return isFolder ? [name] : [];
    });
    return folders.flat().sort();
  } catch (error) {
    const reason = codeOf(error) === 'ENOENT' ? 'there is no such folder' : reasonOf(error);
    const problem = await locate(file, { pointer: '/plugins', message: `${plugins}: ${reason}` });
    throw new Misconfigured([problem], { cause: error });
  }
}

async function tryPlugin(
  folder: string,
  name: string,
  read: (folder: string) => Promise<Plugin>,
): Promise<Plugin | DisabledPlugin> {
  const file = join(folder, MANIFEST);
  const problem = (message: string): DisabledPlugin => ({
    name,
    problems: [{ file, line: 1, column: 1, path: '', message }],
  });
  if (!NAME.test(name)) {
    return problem(`expected a folder named by letters, digits, _, . and -, at most 64, found ${JSON.stringify(name)}`);
  }
  try {
    return await read(folder);
  } catch (error) {
    if (!(error instanceof Misconfigured)) return problem(reasonOf(error));
    if (codeOf(error.cause) !== 'ENOENT') return { name, problems: error.problems };
    return problem(`expected a manifest in this plugin folder; remove the folder, or hide it by a dot before its name`);
  }
}

/** A root that is not there holds no library: one configuration may name those of several distributions. */
async function realRoots(paths: readonly string[]): Promise<Root[]> {
  const roots = await Promise.all(
    paths.map((path) =>
      realpath(path).then(
        (real) => [{ path, real }],
        () => [],
      ),
    ),
  );
  return roots.flat();
}
