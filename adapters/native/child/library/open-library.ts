import type { Problem } from '../../../../src/domain/backend.js';
import { MINOR } from '../../abi/vtable.js';
import type { LibraryOpening } from '../../protocol/opening.js';
import { setEnvironment } from '../environment.js';
import { bindFunctions } from '../functions.js';
import { checkFile } from './library-file.js';
import { loadLibrary } from './library.js';
import { Mistake } from '../mistakes.js';
import type { Outgoing } from '../channel/outgoing.js';
import type { Runner } from '../runner.js';
import { judgeLibrary } from '../stable/descriptor.js';
import { createPlugin, vtableOf } from '../stable/plugin.js';

/** A library that is loaded and bound. */
export interface OpenLibrary {
  /** By the function's id. */
  readonly runners: ReadonlyMap<number, Runner>;
  /** Tells the library that no call will follow. */
  shutDown(): void;
}

/**
 * Loads and binds one library, from its file to its last function; every mistake at once. Foreign code runs in here.
 * `minor` is what the gateway knows of the stable ABI.
 */
export function openLibrary(
  opening: LibraryOpening,
  bytes: Uint8Array | null,
  outgoing: Outgoing,
  minor = MINOR,
): OpenLibrary | readonly Problem[] {
  try {
    const file = checkFile({ path: opening.path, sha256: opening.sha256, bytes });
    const descriptor = opening.abi === null ? null : judgeLibrary(file.bytes, opening, minor);
    if (descriptor !== null && !('vtable' in descriptor)) return descriptor;
    // A plugin of the stable ABI gets its configuration by `create`.
    if (descriptor === null) setEnvironment(opening.config);
    const library = loadLibrary(opening.path, file);
    const vtable = descriptor === null ? null : vtableOf(library, descriptor, minor);
    const problems: Problem[] = [];
    const { runners, life } = bindFunctions(opening, library, outgoing, problems);
    if (problems.length > 0) return problems;
    const failure = life.start();
    if (failure !== null) return [failure];
    if (descriptor === null || vtable === null) return { runners, shutDown: life.end };
    const plugin = createPlugin(opening, descriptor, vtable, outgoing);
    return {
      runners: new Map([...runners, ...plugin.runners]),
      shutDown() {
        plugin.destroy();
        life.end();
      },
    };
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return [error.problem];
  }
}
