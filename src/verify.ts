import { open } from 'node:fs/promises';
import { createComparer } from './comparison/comparer.js';
import { findPlugin, refuseUnsafe } from './find-plugin.js';
import { listenForInterruption } from './interruption.js';
import { openSides, type OpenSides } from './open-sides.js';
import { openCorpus } from './parity/corpus.js';
import { createJunit } from './parity/junit.js';
import { machineText } from './parity/machine-text.js';
import { isEqual, verifyCorpus, type Verified } from './parity/verify-corpus.js';
import { verifiedLines } from './parity/verify-text.js';

interface VerifyOptions {
  /** The path of `banyan.yaml`. */
  readonly config: string;
  readonly target: { readonly plugin: string; readonly function: string | null };
  /** A file of JSON lines, or a folder of files named FUNCTION.jsonl. */
  readonly corpus: string;
  /** Where a JUnit report goes; null: nowhere. */
  readonly junit: string | null;
  /** Lines that are read at most; null: all. */
  readonly limit: number | null;
  readonly allowUnsafe: boolean;
  readonly json: boolean;
  readonly print: (line: string) => void;
  readonly onProgress: (done: number, total: number) => void;
}

/** The composition root of `verify`: runs a corpus on both sides. Resolves to the exit status: 0 all equal, else 1. */
export async function verify(options: VerifyOptions): Promise<0 | 1> {
  const { target, json, print } = options;
  const verified = await run(options);
  const equal = isEqual(verified);
  const name = target.function === null ? target.plugin : `${target.plugin}/${target.function}`;
  if (json) print(machineText({ target: name, equal, ...verified }));
  else for (const line of verifiedLines(name, verified)) print(line);
  return equal ? 0 : 1;
}

async function run({ config, target, limit, junit, allowUnsafe, ...options }: VerifyOptions): Promise<Verified> {
  const found = await findPlugin(config, target);
  const known = [...found.plugin.functions.keys()];
  const corpus = await openCorpus({ path: options.corpus, known, wanted: found.functions, limit: limit ?? Infinity });
  if (!allowUnsafe) refuseUnsafe(found.plugin, corpus.functions);

  const interruption = listenForInterruption();
  const comparer = createComparer();
  let sides: OpenSides | null = null;
  try {
    sides = await openSides(found);
    const report = createJunit(found.plugin, corpus.total);
    const verified = await verifyCorpus({
      pairs: sides.pairs,
      compare: comparer.compare,
      corpus,
      onLine: (verdict) => report.add(verdict),
      onProgress: (done) => options.onProgress(done, corpus.total),
      signal: interruption.signal,
    });
    if (junit !== null) await write(junit, report.end(verified));
    return verified;
  } finally {
    await sides?.close();
    await comparer.close();
    interruption.end();
  }
}

async function write(file: string, pieces: Iterable<string>): Promise<void> {
  try {
    const handle = await open(file, 'w');
    try {
      for (const piece of pieces) await handle.write(piece);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new Error(`the report ${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
