import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Compare } from '../../../src/domain/compare.js';
import { findPlugin, readArtefacts } from '../../../src/find-plugin.js';
import { openSides } from '../../../src/open-sides.js';
import { chooseSource, takenBy } from '../../../src/parity/choose-source.js';
import { isDocumentOf } from '../../../src/parity/conforms.js';
import { type Fuzzed, fuzzPair } from '../../../src/parity/fuzz-pair.js';
import { parseJson } from '../../../src/parity/json-parse.js';
import { readSchema } from '../../../src/parity/json-schema.js';
import type { Pair } from '../../../src/parity/pair.js';
import type { Shape } from '../../../src/parity/shape.js';
import { commonWords } from '../../../src/parity/words.js';
import { ROOT } from '../root.js';

const LONGEST = 10 * 1024 * 1024;

/** The example plugins, in a folder of their own; `pricing` is the version of the port. */
export async function exampleWith(pricing: '1.0.0' | '1.0.1'): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-bench-'));
  await cp(path.join(ROOT, 'build/example'), folder, { recursive: true });
  const manifest = path.join(folder, 'plugins/pricing/plugin.yaml');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('pricing-1.0.0.wasm', `pricing-${pricing}.wasm`));
  return folder;
}

interface Opened {
  readonly pair: Pair;
  fuzz(compare: Compare, options: { runs: number; seed: number; bySchema: boolean }): Promise<Fuzzed>;
  close(): Promise<void>;
}

/** A function of the example, open on both sides. Its folder is removed when it is closed. */
export async function open(folder: string, plugin: string, functionName: string): Promise<Opened> {
  const found = await findPlugin(path.join(folder, 'banyan.yaml'), { plugin, function: functionName });
  const words = commonWords(await readArtefacts(found.plugin));
  const file = path.join(folder, 'plugins', plugin, `${functionName}.schema.json`);
  const shape = await shapeIn(file);
  const sides = await openSides(found);
  const pair = sides.pairs.get(functionName);
  if (pair === undefined) throw new Error(`${functionName} was not opened`);
  return {
    pair,
    fuzz(compare, { runs, seed, bySchema }) {
      const takes = takenBy(pair.spec.input);
      const schema = bySchema && shape !== null ? { file, shape } : null;
      const source = chooseSource({ takes, schema, corpus: null, words, longest: LONGEST });
      const isOne = schema === null ? null : (input: Uint8Array) => isDocumentOf(schema.shape, input);
      return fuzzPair({ pair, compare, source, takes, conforms: isOne, runs, seed });
    },
    async close() {
      await sides.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function shapeIn(file: string): Promise<Shape | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : readSchema(parseJson(text) ?? null);
}
