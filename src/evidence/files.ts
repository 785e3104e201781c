import { mkdir, readFile, readdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { evidenceDocument } from '../schema/evidence-file.js';
import { documentOf, ledgerOf } from './document.js';
import type { Ledger } from './ledger.js';

/** Where what cannot be read is moved to. */
const ASIDE = 'unreadable';
const ENDING = '.json';
const AT_ONCE = 32;

/** Tells the operator, in one sentence. */
export type Warn = (message: string) => void;

/**
 * A file for each ledger. Reading moves aside what is torn or foreign; nothing but a folder that cannot be made or read
 * rejects. Writing replaces a file by a rename; it is not synced, so a power cut may cost what the system had not yet
 * written.
 */
export interface LedgerFiles {
  read(): Promise<readonly Ledger[]>;
  write(ledger: Ledger): Promise<void>;
  remove(ledger: Ledger): Promise<void>;
}

export function ledgerFiles(folder: string, warn: Warn): LedgerFiles {
  const fileOf = (ledger: Ledger): string => join(folder, `${ledger.id}${ENDING}`);

  async function readEntry(name: string): Promise<Ledger | null> {
    // A write that was cut off.
    if (name.endsWith('.tmp')) await unlink(join(folder, name)).catch(() => undefined);
    return name.endsWith(ENDING) ? await readOne(name) : null;
  }

  async function readOne(file: string): Promise<Ledger | null> {
    try {
      const ledger = ledgerOf(evidenceDocument.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))));
      if (`${ledger.id}${ENDING}` === file) return ledger;
      throw new Error(`it holds the evidence of ${ledger.id}`);
    } catch (error) {
      await putAside(file, error);
      return null;
    }
  }

  async function putAside(file: string, why: unknown): Promise<void> {
    const read = `${join(folder, file)} is no evidence that can be read (${reason(why)})`;
    try {
      await mkdir(join(folder, ASIDE), { recursive: true });
      await rename(join(folder, file), join(folder, ASIDE, file));
      warn(`${read}; it was moved to ${join(folder, ASIDE)}, and what it told is lost`);
    } catch (error) {
      warn(`${read}, and cannot be moved to ${join(folder, ASIDE)} (${reason(error)}); remove it`);
    }
  }

  return {
    async read() {
      await mkdir(folder, { recursive: true });
      const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
      const ledgers: (Ledger | null)[] = [];
      for (let at = 0; at < entries.length; at += AT_ONCE) {
        ledgers.push(...(await Promise.all(entries.slice(at, at + AT_ONCE).map(({ name }) => readEntry(name)))));
      }
      return ledgers.filter((ledger) => ledger !== null);
    },
    async write(ledger) {
      const file = fileOf(ledger);
      await writeFile(`${file}.tmp`, JSON.stringify(documentOf(ledger)), { mode: 0o600 });
      await rename(`${file}.tmp`, file);
    },
    async remove(ledger) {
      await unlink(fileOf(ledger)).catch(() => undefined);
    },
  };
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
