import { randomInt } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createComparer } from './comparison/comparer.js';
import type { Plugin } from './domain/plugin.js';
import { findPlugin, type FoundPlugin, readArtefacts, refuseUnsafe } from './find-plugin.js';
import { listenForInterruption } from './interruption.js';
import { openSides, type OpenSides } from './open-sides.js';
import { chooseSource, takenBy } from './parity/choose-source.js';
import { isDocumentOf } from './parity/conforms.js';
import { openCorpus } from './parity/corpus.js';
import { findingLine } from './parity/finding-line.js';
import { fuzzPair, type Fuzzed } from './parity/fuzz-pair.js';
import { fuzzedLines } from './parity/fuzz-text.js';
import { parseJson } from './parity/json-parse.js';
import { readSchema } from './parity/json-schema.js';
import { machineText } from './parity/machine-text.js';
import { sampleInputs } from './parity/sample.js';
import { SchemaProblem } from './parity/schema-keywords.js';
import { commonWords } from './parity/words.js';

interface FuzzOptions {
  /** The path of `banyan.yaml`. */
  readonly config: string;
  readonly target: { readonly plugin: string; readonly function: string };
  readonly runs: number;
  /** null: a random one. */
  readonly seed: number | null;
  /** A JSON Schema; null: FUNCTION.schema.json in the plugin's folder, where there is one. */
  readonly schema: string | null;
  /** As for `verify`; null: none. */
  readonly corpus: string | null;
  /** The corpus that a finding is appended to. */
  readonly out: string;
  readonly allowUnsafe: boolean;
  readonly json: boolean;
  readonly print: (line: string) => void;
  /** For what is not the result. */
  readonly tell: (line: string) => void;
  readonly onProgress: (done: number, total: number) => void;
}

/** The composition root of `fuzz`: looks for a difference. Resolves to the exit status: 0 none found, else 1. */
export async function fuzz(options: FuzzOptions): Promise<0 | 1> {
  const { target, runs, out, json, print } = options;
  const seed = options.seed ?? randomInt(2 ** 32);
  const fuzzed = await run(options, seed);
  const { finding } = fuzzed;
  const name = `${target.plugin}/${target.function}`;
  if (json) print(machineText(machineForm(name, seed, options, fuzzed)));
  else for (const line of fuzzedLines({ name, seed, asked: runs }, fuzzed)) print(line);
  if (finding === null) return fuzzed.interrupted ? 1 : 0;
  await append(out, findingLine(target.function, finding.smallest, new Date()));
  if (!json) print(`kept in ${out}; run it again with\n  ${commandFor(name, options)}`);
  return 1;
}

async function run(options: FuzzOptions, seed: number): Promise<Fuzzed> {
  const { config, target, runs, allowUnsafe, onProgress } = options;
  const found = await findPlugin(config, target);
  if (!allowUnsafe) refuseUnsafe(found.plugin, found.functions);
  const schema = await schemaFor(options, found);
  const takes = schema === null ? takenBy(found.plugin.functions.get(target.function)?.input ?? '') : 'json';
  const source = chooseSource({
    takes,
    schema,
    corpus: await corpusFor(options, found.plugin, seed),
    words: commonWords(await readArtefacts(found.plugin)),
    longest: found.configuration.data.limits.body,
  });
  options.tell(`inputs: ${source.name}; seed ${seed}`);

  const interruption = listenForInterruption();
  const comparer = createComparer();
  let sides: OpenSides | null = null;
  try {
    sides = await openSides(found);
    const pair = sides.pairs.get(target.function);
    if (pair === undefined) throw new Error(`${target.function} was not opened`);
    return await fuzzPair({
      pair,
      compare: comparer.compare,
      source,
      takes,
      conforms: schema === null ? null : (input) => isDocumentOf(schema.shape, input),
      runs,
      seed,
      onProgress: (done) => onProgress(done, runs),
      signal: interruption.signal,
    });
  } finally {
    await sides?.close();
    await comparer.close();
    interruption.end();
  }
}

async function schemaFor({ schema, target }: FuzzOptions, { configuration, plugin }: FoundPlugin) {
  const beside = join(configuration.plugins, plugin.name, `${target.function}.schema.json`);
  const file = schema ?? beside;
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (schema === null && (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`the schema ${file} cannot be read: ${(error as Error).message}`, { cause: error });
  });
  if (text === null) return null;
  const written = parseJson(text.replace(/^\ufeff/, ''));
  if (written === undefined) throw new Error(`the schema ${file} cannot be read: ${whyNoJson(text)}`);
  try {
    return { file, shape: readSchema(written) };
  } catch (error) {
    if (error instanceof SchemaProblem) throw new Error(`${file}: ${error.message}`, { cause: error });
    throw error;
  }
}

function whyNoJson(text: string): string {
  try {
    JSON.parse(text);
    return 'it is nested too deeply';
  } catch (error) {
    return `expected JSON: ${(error as Error).message}`;
  }
}

async function corpusFor({ corpus: path, target }: FuzzOptions, plugin: Plugin, seed: number) {
  if (path === null) return null;
  const corpus = await openCorpus({ path, known: [...plugin.functions.keys()], wanted: [target.function] });
  const inputs = await sampleInputs(corpus, seed);
  if (inputs.length === 0)
    throw new Error(`${path}: every input is too large to begin with: expected some below 64 MiB`);
  return { path, inputs };
}

function machineForm(target: string, seed: number, { runs: asked, out }: FuzzOptions, fuzzed: Fuzzed): object {
  const { finding, ...rest } = fuzzed;
  if (finding === null) return { target, seed, asked, ...rest, finding };
  const { run: at, found, smallest, shrunk, noise } = finding;
  const line: unknown = JSON.parse(findingLine(target.split('/')[1] ?? '', smallest, new Date()));
  const about = { run: at, result: smallest.comparison.result, cameAgain: shrunk !== null, noise };
  const sizes = { foundBytes: found.input.length, bytes: smallest.input.length, shrinkRuns: shrunk?.runs ?? 0 };
  return { target, seed, asked, ...rest, finding: { ...about, ...sizes, line, out } };
}

function commandFor(name: string, { config, out, allowUnsafe }: FuzzOptions): string {
  const where = config === './banyan.yaml' ? '' : ` --config ${quoted(config)}`;
  return `banyan verify ${name} --corpus ${quoted(out)}${where}${allowUnsafe ? ' --allow-unsafe' : ''}`;
}

function quoted(argument: string): string {
  return /^[\w./+:@-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** Behind what is there, on a line of its own. */
async function append(file: string, line: string): Promise<void> {
  try {
    const handle = await open(file, 'a+');
    try {
      const { size } = await handle.stat();
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
      await handle.write(`${size > 0 && buffer[0] !== 10 ? '\n' : ''}${line}\n`);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new Error(`${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
