import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Artefact } from '../../domain/artefact.js';
import { Unusable } from './unusable.js';

/** What a module sees of a side. */
export type SideSeen = { readonly output: Uint8Array } | { readonly code: string; readonly detail: string };

/** The default export of a module; what it answers is the module's affair, and checked. */
export type Comparer = (legacy: SideSeen, wasm: SideSeen) => unknown;

/** Loads the very bytes that were hashed: others of the same name, and files beside it, are not what was checked. */
export async function loadComparer({ path, sha256 }: Artefact): Promise<Comparer> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new Unusable(`it cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new Unusable('the file has changed since it was checked; reload to use it as it is now');
  }
  const loaded: unknown = await import(`data:text/javascript;base64,${bytes.toString('base64')}`).catch(
    (error: unknown) => {
      throw new Unusable(`it cannot be loaded: ${reasonOf(error)}`);
    },
  );
  const comparer: unknown =
    typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : null;
  if (typeof comparer !== 'function') {
    throw new Unusable('it has no function as its default export');
  }
  return comparer as Comparer;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : null;
  // The usual message ends in the whole module.
  if (code === 'ERR_MODULE_NOT_FOUND' || code === 'ERR_UNSUPPORTED_RESOLVE_REQUEST' || code === 'ERR_INVALID_URL') {
    return 'it is one file, and may import node: modules alone';
  }
  return `${error.name}: ${error.message}`;
}
