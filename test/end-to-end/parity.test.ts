import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Compare } from '#src/domain/compare.js';
import { createComparer } from '#src/comparison/comparer.js';
import { findPlugin, readArtefacts } from '#src/find-plugin.js';
import { openSides, type OpenSides } from '#src/open-sides.js';
import { chooseSource, takenBy } from '#src/parity/choose-source.js';
import { isDocumentOf } from '#src/parity/conforms.js';
import { type Fuzzed, fuzzPair } from '#src/parity/fuzz-pair.js';
import type { Json } from '#src/parity/json.js';
import { readSchema } from '#src/parity/json-schema.js';
import { commonWords } from '#src/parity/words.js';
import { exampleFolder } from './gateway-process.js';

const RUNS = 20_000;
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

const comparer = createComparer();
const { compare }: { readonly compare: Compare } = comparer;
afterAll(() => comparer.close());

/** One example plugin's function, open on both sides. */
async function opened(folder: string, target: string) {
  const [plugin = '', functionName = ''] = target.split('/');
  const found = await findPlugin(join(folder, 'banyan.yaml'), { plugin, function: functionName });
  const sides: OpenSides = await openSides(found);
  const pair = sides.pairs.get(functionName)!;
  const file = join(folder, 'plugins', plugin, `${functionName}.schema.json`);
  const shape = await readFile(file, 'utf8').then(
    (text) => readSchema(JSON.parse(text) as Json),
    () => null,
  );
  const words = commonWords(await readArtefacts(found.plugin));

  return {
    close: () => sides.close(),
    fuzz(seed: number, runs: number, by: 'schema' | 'words'): Promise<Fuzzed> {
      const takes = takenBy(pair.spec.input);
      const schema = by === 'schema' && shape !== null ? { file, shape } : null;
      const source = chooseSource({ takes, schema, corpus: null, words, longest: 10_000_000 });
      const isOne = schema === null ? null : (input: Uint8Array) => isDocumentOf(schema.shape, input);
      return fuzzPair({ pair, compare, source, takes, conforms: isOne, runs, seed });
    },
  };
}

let folder: string;
beforeAll(async () => {
  folder = await exampleFolder();
});
afterAll(() => rm(folder, { recursive: true }));

/** Whether one number stands where its half cent makes a difference, and nothing else could be left out. */
function isMinimal(input: Uint8Array): boolean {
  const order = JSON.parse(Buffer.from(input).toString()) as Record<string, number | string>;
  const names = Object.keys(order).toSorted();
  const numbers = Object.values(order).filter((value) => typeof value === 'number');
  return (
    order['sku'] === 'a' &&
    names.length === 4 &&
    (names.includes('discountPercent') || names.includes('taxPercent')) &&
    numbers.every((number) => number <= 50)
  );
}

describe('the port of pricing that rounds half a cent to the even one', () => {
  let pricing: Awaited<ReturnType<typeof opened>>;
  beforeAll(async () => {
    pricing = await opened(folder, 'pricing/quote');
  });
  afterAll(() => pricing.close());

  it.each(['schema', 'words'] as const)(
    'is found out by every one of twenty seeds, and down to one short line, by its %s',
    async (by) => {
      for (const seed of SEEDS) {
        const { finding } = await pricing.fuzz(seed, RUNS, by);
        expect(finding, `seed ${seed}`).not.toBeNull();
        expect(finding!.smallest.comparison.result).toBe('mismatch');
        expect(isMinimal(finding!.smallest.input), Buffer.from(finding!.smallest.input).toString()).toBe(true);
        expect(finding!.shrunk?.smallest).toBe(true);
      }
    },
  );
});

describe('sides that are alike', () => {
  it('are not found to differ: the port of pricing that is right', async () => {
    const right = await exampleFolder();
    const manifest = join(right, 'plugins/pricing/plugin.yaml');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replaceAll('1.0.0', '1.0.1'));
    const pricing = await opened(right, 'pricing/quote');
    try {
      expect(await pricing.fuzz(1, RUNS, 'schema')).toMatchObject({ runs: RUNS, finding: null });
      expect(await pricing.fuzz(1, RUNS, 'words')).toMatchObject({ runs: RUNS, finding: null });
    } finally {
      await pricing.close();
      await rm(right, { recursive: true });
    }
  });

  it.each(['crc/checksum', 'vowels/count', 'vowels/list', 'image/grey'])(
    'are not found to differ: %s',
    async (target) => {
      const sides = await opened(folder, target);
      try {
        expect(await sides.fuzz(1, RUNS, 'words')).toMatchObject({ runs: RUNS, finding: null });
      } finally {
        await sides.close();
      }
    },
  );
});

describe('a side that crashes', () => {
  it('is a finding, and the others of its calls go on', async () => {
    const segfault = await opened(folder, 'faulty/segfault');
    try {
      const { finding } = await segfault.fuzz(1, 100, 'words');
      expect(finding?.run).toBe(1);
      expect(finding?.smallest.legacy).toMatchObject({ code: 'crashed', signal: 'SIGSEGV' });
      expect(finding?.smallest.wasm).toMatchObject({ code: 'trapped' });
      expect(finding?.smallest.input).toHaveLength(0);
    } finally {
      await segfault.close();
    }
  });
});
