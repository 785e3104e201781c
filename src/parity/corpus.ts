import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FileProblem } from '../domain/generation.js';
import { Misconfigured } from '../domain/misconfigured.js';
import { type CorpusCase, readCase } from './corpus-case.js';
import { linesIn } from './file-lines.js';

/** A file of a corpus; what its lines are for where they do not say it themselves. */
interface Part {
  readonly file: string;
  readonly function: string | null;
}

/** A corpus that has been read once, and is good. */
export interface Corpus {
  /** Lines to be run. */
  readonly total: number;
  /** Which functions they are for. */
  readonly functions: ReadonlySet<string>;
  /** Lines for functions that were not asked for. */
  readonly others: number;
  /** Reads them again; every one has a function. */
  readonly cases: () => AsyncGenerator<CorpusCase & { readonly function: string }>;
}

interface CorpusOptions {
  /** A file of JSON lines, or a folder of files named FUNCTION.jsonl. */
  readonly path: string;
  /** All functions of the plugin. */
  readonly known: readonly string[];
  /** Those that are asked for. */
  readonly wanted: readonly string[];
  /** Lines that are read at most. */
  readonly limit?: number;
}

const MOST_MISTAKES = 20;
const ENDING = '.jsonl';

/**
 * Reads a corpus through once, line by line. Rejects with {@link Misconfigured}, which holds the first 20 bad lines, and
 * with an error for a corpus that is empty or cannot be read: nothing is run of one that has mistakes.
 */
export async function openCorpus(options: CorpusOptions): Promise<Corpus> {
  const { path, known, wanted, limit = Infinity } = options;
  const parts = await partsOf(path, options);
  const [only] = known;
  const fallback = known.length === 1 && only !== undefined ? only : wanted.length === 1 ? (wanted[0] ?? null) : null;

  async function* read(problems: FileProblem[]) {
    let count = 0;
    for (const part of parts) {
      for await (const line of linesIn(part.file)) {
        if (count === limit || problems.length === MOST_MISTAKES) return;
        count += 1;
        const found = readCase(part.file, line);
        if ('message' in found) {
          problems.push({ file: part.file, line: line.number, ...found });
          continue;
        }
        const name = found.function ?? part.function ?? fallback;
        if (name !== null && known.includes(name)) yield { ...found, function: name };
        else problems.push({ file: part.file, line: line.number, column: 1, ...unplaced(name, known) });
      }
    }
  }

  const problems: FileProblem[] = [];
  const functions = new Set<string>();
  let total = 0;
  let others = 0;
  for await (const { function: name } of read(problems)) {
    if (wanted.includes(name)) {
      total += 1;
      functions.add(name);
    } else others += 1;
  }
  if (problems.length > 0) throw new Misconfigured(problems);
  if (total === 0) throw new Error(`${path} is empty: it has no line for ${wanted.join(', ')}`);
  return {
    total,
    functions,
    others,
    async *cases() {
      const changed: FileProblem[] = [];
      for await (const found of read(changed)) if (wanted.includes(found.function)) yield found;
      if (changed.length > 0) throw new Misconfigured(changed);
    },
  };
}

async function partsOf(path: string, { known, wanted }: CorpusOptions): Promise<readonly Part[]> {
  const { isDirectory, isFile } = await look(path);
  // A pipe can be read once only, and a corpus is read before anything of it is run.
  if (isFile) return [{ file: path, function: null }];
  if (!isDirectory) throw new Error(`${path}: expected a file of JSON lines, or a folder of them`);
  const names = (await readdir(path)).filter((name) => name.endsWith(ENDING)).sort();
  const parts = names.map((name) => ({ file: join(path, name), function: basename(name, ENDING) }));
  const strangers = parts.filter((part) => !known.includes(part.function));
  if (strangers.length > 0)
    throw new Error(
      `${strangers.map(({ file }) => file).join(', ')}: expected files named FUNCTION.jsonl, with one of ${known.join(', ')}`,
    );
  const chosen = parts.filter((part) => wanted.includes(part.function));
  if (chosen.length === 0) throw new Error(`${path} has no ${wanted.map((name) => name + ENDING).join(', ')}`);
  return chosen;
}

async function look(path: string): Promise<{ readonly isFile: boolean; readonly isDirectory: boolean }> {
  try {
    const found = await stat(path);
    return { isFile: found.isFile(), isDirectory: found.isDirectory() };
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const why = missing ? 'there is no such file' : error instanceof Error ? error.message : String(error);
    throw new Error(`the corpus ${path} cannot be read: ${why}`, { cause: error });
  }
}

function unplaced(name: string | null, known: readonly string[]): { readonly path: string; readonly message: string } {
  const expected = `expected the name of a function: ${known.join(', ')}`;
  return { path: 'function', message: name === null ? expected : `${expected}; found ${JSON.stringify(name)}` };
}
