import type { Artefact } from '../domain/artefact.js';
import type { TryComparer } from '../domain/compare.js';
import { findLibrary, findModule, NoArtefact, type Root } from './artefact.js';
import { keysAt, valueAt } from './found.js';
import type { Mistake, Path } from './mistake.js';

/** Every file that a manifest names, hashed; those that are no artefact are mistakes instead. */
export interface Artefacts {
  readonly library: Artefact | null;
  readonly module: Artefact | null;
  readonly link: ReadonlyMap<string, Artefact>;
  /** Modules that compare outputs, by function. */
  readonly comparers: ReadonlyMap<string, Artefact>;
  readonly mistakes: readonly Mistake[];
}

const LIBRARY: Path = ['backends', 'legacy', 'library'];
const MODULE: Path = ['backends', 'wasm', 'module'];
const LINK: Path = ['backends', 'wasm', 'link'];
const FUNCTIONS: Path = ['functions'];
const COMPARER = 'an ES module in one file whose default export is a function of the two sides';
const SHA256: Path = ['backends', 'wasm', 'sha256'];

/**
 * Finds what the manifest names, whatever else is wrong with it: so its owner learns of everything at once. Without
 * `tryComparer`, modules that compare are not loaded.
 */
export async function findArtefacts(
  manifest: unknown,
  folder: Root,
  roots: readonly Root[],
  tryComparer?: TryComparer,
): Promise<Artefacts> {
  const mistakes: Mistake[] = [];
  const find = async (path: Path, search: (written: string) => Promise<Artefact>): Promise<Artefact | null> => {
    const written = valueAt(manifest, path);
    // The schema has said what is wrong with anything else.
    if (typeof written !== 'string' || written === '' || written.includes('\0')) return null;
    try {
      return await search(written);
    } catch (error) {
      if (!(error instanceof NoArtefact)) throw error;
      mistakes.push({ path, at: 'value', message: error.message });
      return null;
    }
  };
  const inFolder = (written: string): Promise<Artefact> => findModule(folder, written);

  const library = await find(LIBRARY, (written) => findLibrary(folder, roots, written));
  const module = await find(MODULE, inFolder);
  const link = new Map<string, Artefact>();
  for (const name of keysAt(manifest, LINK)) {
    const linked = await find([...LINK, name], inFolder);
    if (linked !== null) link.set(name, linked);
  }
  const comparers = new Map<string, Artefact>();
  /** Functions share modules, and one that is never loaded takes its time. */
  const tried = new Map<string, string | null>();
  const findComparer = async (written: string): Promise<Artefact> => {
    const comparer = await inFolder(written);
    let why = tried.get(comparer.path);
    if (why === undefined) tried.set(comparer.path, (why = (await tryComparer?.(comparer)) ?? null));
    if (why === null) return comparer;
    throw new NoArtefact(`${JSON.stringify(written)} cannot compare: ${why}; expected ${COMPARER}`);
  };
  for (const name of keysAt(manifest, FUNCTIONS)) {
    const comparer = await find([...FUNCTIONS, name, 'compare', 'by'], findComparer);
    if (comparer !== null) comparers.set(name, comparer);
  }

  const wanted = valueAt(manifest, SHA256);
  if (module !== null && typeof wanted === 'string' && /^[0-9a-f]{64}$/i.test(wanted)) {
    if (wanted.toLowerCase() !== module.sha256) {
      mistakes.push({ path: SHA256, at: 'value', message: `expected the module's digest, which is ${module.sha256}` });
    }
  }
  return { library, module, link, comparers, mistakes };
}
