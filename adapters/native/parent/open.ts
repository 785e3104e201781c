import type { Open } from '../../../src/domain/backend.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import { libraryBytes } from './library-bytes.js';
import { Pool } from './pool.js';
import { type NativeOptions, settingsOf } from './settings.js';

/**
 * Opens native backends: a pool of child processes each, in which koffi calls the library. Resolves when the library is
 * loaded in all of them and every symbol is there; rejects with `Refused`, all mistakes at once.
 */
export const openNative =
  (options: NativeOptions = {}): Open<NativeSpec> =>
  async (spec, report) => {
    const pool = new Pool(spec, await libraryBytes(spec.library), settingsOf(options), report);
    await pool.opened;
    return pool;
  };
