import { mkdir, readdir, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MismatchSample } from '../../domain/mismatch.js';
import { NAME } from '../../schema/name.js';
import { mismatchCounts, mismatchSample } from '../../schema/mismatch.js';
import type { Entry } from './shelf.js';
import type { Counted } from './tally.js';

/** Whose samples are meant. */
export interface Owner {
  readonly plugin: string;
  readonly function: string;
}

export interface Found extends Owner, Counted {
  /** Oldest first. */
  readonly entries: readonly Entry[];
}

/**
 * The files of a journal: `PLUGIN/FUNCTION/NUMBER-AT-SIGNATURE-DIFFERENCES.json` for each sample, and `counts.json`
 * beside them. Each is written under another name and renamed, so that none is ever found half written.
 */
export interface JournalFiles {
  /** What an earlier process has left; what is not of a journal stays as it is. */
  scan(): Promise<readonly Found[]>;
  write(owner: Owner, entry: Entry, sample: string): Promise<void>;
  remove(owner: Owner, entry: Entry): Promise<void>;
  /** Null where it is gone, or damaged. */
  read(owner: Owner, entry: Entry): Promise<MismatchSample | null>;
  writeCounts(owner: Owner, counted: Counted): Promise<void>;
}

const COUNTS = 'counts.json';
const SAMPLE = /^(\d{12})-(\d{1,15})-([0-9a-f]{12})-(\d{1,9})\.json$/;

export function journalFiles(folder: string): JournalFiles {
  const folderOf = (owner: Owner): string => join(folder, owner.plugin, owner.function);
  const fileOf = (owner: Owner, entry: Entry): string => join(folderOf(owner), nameOf(entry));

  async function replace(owner: Owner, name: string, content: string): Promise<void> {
    const file = join(folderOf(owner), name);
    await mkdir(folderOf(owner), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.tmp`, content, { mode: 0o600 });
    await rename(`${file}.tmp`, file);
  }

  return {
    async scan() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const found: Found[] = [];
      for (const plugin of await namesIn(folder)) {
        for (const name of await namesIn(join(folder, plugin))) {
          const owner = { plugin, function: name };
          const files = await readdir(folderOf(owner));
          for (const file of files) if (file.endsWith('.json.tmp')) await unlink(join(folderOf(owner), file));
          const entries = await Promise.all(files.map((file) => entryOf(folderOf(owner), file)));
          found.push({
            ...owner,
            entries: entries.filter((entry) => entry !== null).sort((a, b) => a.number - b.number),
            ...(await readCounts(join(folderOf(owner), COUNTS))),
          });
        }
      }
      return found;
    },
    write: (owner, entry, sample) => replace(owner, nameOf(entry), sample),
    async remove(owner, entry) {
      await unlink(fileOf(owner, entry)).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    },
    async read(owner, entry) {
      try {
        const parsed = mismatchSample.safeParse(JSON.parse(await readFile(fileOf(owner, entry), 'utf8')));
        return parsed.success ? parsed.data : null;
      } catch (error) {
        if (error instanceof SyntaxError || isMissing(error)) return null;
        throw error;
      }
    },
    writeCounts: (owner, { counts, others }) =>
      replace(owner, COUNTS, JSON.stringify({ format: 'banyan/mismatch-counts', version: 1, counts, others })),
  };
}

function nameOf({ number, at, signature, differences }: Entry): string {
  return `${String(number).padStart(12, '0')}-${at}-${signature}-${differences}.json`;
}

/** The sample of which this is the file; null where it is of no sample. */
async function entryOf(folder: string, file: string): Promise<Entry | null> {
  const [, number, at, signature = '', differences] = SAMPLE.exec(file) ?? [];
  if (number === undefined) return null;
  const { size } = await stat(join(folder, file));
  return { number: Number(number), at: Number(at), signature, differences: Number(differences), bytes: size };
}

/** The names of a folder's folders that could be those of plugins or functions. */
async function namesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { withFileTypes: true });
  return all.filter((each) => each.isDirectory() && NAME.test(each.name)).map((each) => each.name);
}

/** Counts that were damaged begin anew. */
async function readCounts(file: string): Promise<Counted> {
  try {
    const { counts, others } = mismatchCounts.parse(JSON.parse(await readFile(file, 'utf8')));
    return { counts, others };
  } catch {
    return { counts: [], others: 0 };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
