import type { LedgerFiles, Warn } from './files.js';
import { reason } from './files.js';
import type { Ledger } from './ledger.js';

/** Keeps on disk what changes in memory. */
export interface Saver {
  /** Resolves when everything that had changed by now is written, or a warning was given. */
  save(): Promise<void>;
}

interface SaverOptions {
  readonly files: LedgerFiles;
  readonly all: () => readonly Ledger[];
  /** Ledgers whose files go with the next save; it takes them out. */
  readonly dropped: Ledger[];
  /** What is on disk already. */
  readonly written: readonly Ledger[];
  readonly warn: Warn;
}

export function createSaver({ files, all, dropped, written, warn }: SaverOptions): Saver {
  const saved = new WeakMap(written.map((ledger) => [ledger, ledger.changes]));
  let last: Promise<void> = Promise.resolve();
  let failing = false;

  async function saveAll(): Promise<void> {
    // First, since another ledger may have come back under the same name.
    for (const ledger of dropped.splice(0)) await files.remove(ledger);
    let failed = false;
    // One after the other: between two of them calls have their turn.
    for (const ledger of all()) {
      const { changes } = ledger;
      if (saved.get(ledger) === changes || dropped.includes(ledger)) continue;
      try {
        await files.write(ledger);
        saved.set(ledger, changes);
      } catch (error) {
        if (!failing && !failed) {
          warn(`evidence cannot be written (${reason(error)}); it stays in memory, and this is tried again`);
        }
        failed = true;
      }
    }
    failing = failed;
  }

  return { save: () => (last = last.then(saveAll)) };
}
