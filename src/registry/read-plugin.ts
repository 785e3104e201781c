import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TryComparer } from '../domain/compare.js';
import { Misconfigured } from '../domain/misconfigured.js';
import type { Plugin } from '../domain/plugin.js';
import { manifestFile, type ManifestFile } from '../schema/manifest.js';
import { NAME } from '../schema/name.js';
import { UNSUPPORTED_IN_MANIFEST } from '../schema/unsupported.js';
import type { Root } from './artefact.js';
import { findArtefacts, type Artefacts } from './artefacts.js';
import { checkShape } from './explain.js';
import { valueAt } from './found.js';
import { functionNameMistakes } from './function-names.js';
import { placed, type Mistake } from './mistake.js';
import { decode, readBytes } from './read-text.js';
import { functionOf } from './function-of.js';
import { nativeSpec, wasmSpec } from './specs.js';
import { parseYaml } from './yaml-document.js';

/** The file that makes a folder a plugin. */
export const MANIFEST = 'plugin.yaml';

/** Reads one plugin's folder, its artefacts hashed; rejects with {@link Misconfigured}, which holds every mistake at once. */
export async function readPlugin(path: string, roots: readonly Root[], tryComparer?: TryComparer): Promise<Plugin> {
  const file = join(path, MANIFEST);
  const bytes = await readBytes(file);
  const document = parseYaml(file, decode(file, bytes));
  const folder = { path, real: await realpath(path) };
  const shape = checkShape(document, manifestFile, UNSUPPORTED_IN_MANIFEST);
  const artefacts = await findArtefacts(document.value, folder, roots, tryComparer);
  const mistakes = [
    ...shape.mistakes,
    ...folderNameMistakes(document.value, basename(path)),
    ...functionNameMistakes(document.value),
    ...artefacts.mistakes,
  ];
  if (shape.result === null || mistakes.length > 0) throw new Misconfigured(placed(file, mistakes, document.place));
  return pluginOf(shape.result, artefacts, folder, bytes);
}

function folderNameMistakes(manifest: unknown, folder: string): Mistake[] {
  const written = valueAt(manifest, ['name']);
  if (typeof written !== 'string' || !NAME.test(written) || written === folder) return [];
  const message = `expected ${JSON.stringify(folder)}, the name of its folder, found ${JSON.stringify(written)}`;
  return [{ path: ['name'], at: 'value', message }];
}

function pluginOf(manifest: ManifestFile, artefacts: Artefacts, folder: Root, bytes: Uint8Array): Plugin {
  const { legacy, wasm } = manifest.backends;
  const { library, module, link, comparers } = artefacts;
  return {
    name: manifest.name,
    version: manifest.version,
    digest: digestOf(bytes, artefacts, folder),
    functions: new Map(
      Object.entries(manifest.functions).map(([name, spec]) => [name, functionOf(name, spec, comparers.get(name))]),
    ),
    limits: manifest.limits,
    backends: {
      legacy:
        legacy === undefined || library === null
          ? null
          : nativeSpec(manifest, legacy, { library, folder: folder.path }),
      wasm:
        wasm === undefined || module === null ? null : wasmSpec(manifest, wasm, { module, link, folder: folder.path }),
    },
  };
}

/** Paths count as well: a plugin that was moved is opened anew, or its next child would look where nothing is left. */
function digestOf(bytes: Uint8Array, { library, module, link, comparers }: Artefacts, folder: Root): string {
  const manifest = createHash('sha256').update(bytes).digest('hex');
  return createHash('sha256')
    .update(JSON.stringify([folder, manifest, library, module, [...link], [...comparers]]))
    .digest('hex');
}
