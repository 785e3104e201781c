import { setEnvironment } from './environment.js';
import type { Problem } from '../../../src/domain/backend.js';
import type { LibraryOpening } from '../protocol/opening.js';
import { bindFunctions } from './functions.js';
import { checkFile } from './library-file.js';
import { loadLibrary } from './library.js';
import { Mistake } from './mistakes.js';
import type { Outgoing } from './outgoing.js';
import type { Runner } from './runner.js';

/** A library that is loaded and bound. */
export interface OpenLibrary {
  /** By the function's id. */
  readonly runners: ReadonlyMap<number, Runner>;
  /** Tells the library that no call will follow. */
  shutDown(): void;
}

/** Loads and binds one library, from its file to its last function; every mistake at once. Foreign code runs in here. */
export function openLibrary(
  opening: LibraryOpening,
  bytes: Uint8Array | null,
  outgoing: Outgoing,
): OpenLibrary | readonly Problem[] {
  try {
    const file = checkFile({ path: opening.path, sha256: opening.sha256, bytes });
    setEnvironment(opening.config);
    const library = loadLibrary(opening.path, file);
    const problems: Problem[] = [];
    const runners = bindFunctions(opening, library, outgoing, problems);
    return problems.length > 0 ? problems : { runners, shutDown: () => undefined };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return [error.problem];
  }
}
