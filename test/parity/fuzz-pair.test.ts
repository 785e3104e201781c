import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { byteSource } from '#src/parity/byte-source.js';
import { chooseSource } from '#src/parity/choose-source.js';
import { type Fuzzed, fuzzPair } from '#src/parity/fuzz-pair.js';
import { GaveUp } from '#src/parity/patient.js';
import { readSchema } from '#src/parity/json-schema.js';
import type { Pair } from '#src/parity/pair.js';
import type { Source } from '#src/parity/source.js';
import { compare, pairOf } from './sides.js';

const LONGEST = 1_000_000;

function jsonSource(inputs: readonly string[] = []): Source {
  const corpus = inputs.length === 0 ? null : { path: 'corpus.jsonl', inputs: inputs.map((text) => Buffer.from(text)) };
  return chooseSource({ takes: 'json', schema: null, corpus, words: ['price', 'count'], longest: LONGEST });
}

function fuzz(pair: Pair, source: Source, runs = 5_000, seed = 1): Promise<Fuzzed> {
  return fuzzPair({ pair, compare, source, takes: 'json', conforms: null, runs, seed });
}

const text = (fuzzed: Fuzzed): string => Buffer.from(fuzzed.finding?.smallest.input ?? []).toString();

/** Everything that a fuzz asks of legacy, in the order of asking. */
async function asked(seed: number, waits?: () => number): Promise<readonly string[]> {
  const inputs: string[] = [];
  const legacy = (input: string): string => {
    inputs.push(input);
    return 'same';
  };
  await fuzz(
    pairOf(legacy, () => 'same', {}, waits),
    jsonSource(),
    500,
    seed,
  );
  return inputs.toSorted();
}

describe('a fuzz', () => {
  it('makes the same inputs of the same seed, however long calls take, and others of another', async () => {
    let turn = 0;
    const first = await asked(7);
    expect(first).toHaveLength(500);
    expect(await asked(7, () => (turn++ % 5 === 0 ? 3 : 0))).toEqual(first);
    expect(await asked(8)).not.toEqual(first);
  });

  it('finds the same difference by the same seed, however long calls take', async () => {
    const wasm = (input: string): string => (input.includes('5') ? 'five' : 'same');
    const make = (waits?: () => number): Promise<Fuzzed> =>
      fuzz(
        pairOf(() => 'same', wasm, {}, waits),
        jsonSource(['{"price": 10}']),
      );
    const [calm, hurried] = [await make(), await make(() => Math.floor(Math.random() * 3))];
    expect(calm.finding?.run).toBe(hurried.finding?.run);
    expect(text(calm)).toBe(text(hurried));
  });

  it('makes a document smaller until nothing smaller differs', async () => {
    const wasm = (input: string): string => (/"price":\s*[3-9]\d/.test(input) ? 'much' : 'same');
    const fuzzed = await fuzz(
      pairOf(() => 'same', wasm),
      jsonSource(['{"sku": "fig", "lines": [{"price": 78}, 2], "x": [true]}']),
    );
    expect(text(fuzzed)).toBe('{"price":30}');
    expect(fuzzed.finding?.shrunk?.smallest).toBe(true);
  });

  it('makes bytes smaller, in number and in value', async () => {
    const isHigh = (input: Uint8Array): boolean => input.some((byte) => byte >= 0x90);
    const pair: Pair = {
      ...pairOf(
        () => '',
        () => '',
      ),
      legacy: () => Promise.resolve({ output: Buffer.from('same') }),
      wasm: (input) => Promise.resolve({ output: Buffer.from(isHigh(input) ? 'high' : 'same') }),
    };
    const { finding } = await fuzzPair({
      pair,
      compare,
      source: byteSource({ text: false }),
      takes: 'bytes',
      conforms: null,
      runs: 1_000,
      seed: 3,
    });
    expect([...(finding?.smallest.input ?? [])]).toEqual([0x90]);
  });

  it('keeps to the way in which the sides differ', async () => {
    const trap = { code: 'trapped', detail: 'out of bounds' } as const;
    const wasm = (input: string) => (input.length > 20 ? trap : input.length > 5 ? 'other' : 'same');
    const ways = new Set<string>();
    for (let seed = 1; seed <= 10; seed++) {
      const { finding } = await fuzz(
        pairOf(() => 'same', wasm),
        jsonSource(['{"a": "as long as this"}']),
        100,
        seed,
      );
      const { found, smallest } = finding!;
      expect(smallest.comparison.result).toBe(found.comparison.result);
      expect(smallest.input.length > 20).toBe(found.input.length > 20);
      ways.add(found.comparison.result);
    }
    expect(ways).toEqual(new Set(['wasm-failed', 'mismatch']));
  });

  it('takes a side that fails for a finding, and two that fail alike for none', async () => {
    const fails = () => ({ code: 'plugin-error', detail: 'no' }) as const;
    expect(
      (
        await fuzz(
          pairOf(fails, () => 'ok'),
          jsonSource(),
        )
      ).finding?.smallest.comparison.result,
    ).toBe('legacy-failed');
    expect(
      (
        await fuzz(
          pairOf(() => 'ok', fails),
          jsonSource(),
        )
      ).finding?.smallest.comparison.result,
    ).toBe('wasm-failed');
    expect((await fuzz(pairOf(fails, fails), jsonSource(), 500)).finding).toBeNull();
  });

  it('does not take a call for different that is late once and not again', async () => {
    let late = 0;
    const wasm = () => (late++ === 100 ? ({ code: 'timeout', detail: 'late', begun: true } as const) : 'same');
    const fuzzed = await fuzz(
      pairOf(() => 'same', wasm),
      jsonSource(),
      1_000,
    );
    expect(fuzzed).toMatchObject({ runs: 1_000, finding: null, lateOnce: 1, interrupted: false });
  });

  it.each([
    ['a schema', { schema: { file: 'f.schema.json', shape: readSchema({ properties: { id: { type: 'integer' } } }) } }],
    ['a corpus', { corpus: { path: 'f.jsonl', inputs: [Buffer.from('{"id":1234567890123456789}')] } }],
    ['a corpus of small numbers', { corpus: { path: 'f.jsonl', inputs: [Buffer.from('{"id":7}')] } }],
  ])('finds a port that keeps whole numbers in doubles, by %s', async (_by, known) => {
    const idIn = (input: string): string => /^\{"id":(-?\d+)\}$/.exec(input)?.[1] ?? '0';
    const source = chooseSource({ takes: 'json', schema: null, corpus: null, words: [], longest: LONGEST, ...known });
    const found = await fuzz(
      pairOf(
        (input) => String(BigInt(idIn(input))),
        (input) => String(BigInt(Number(idIn(input)))),
      ),
      source,
    );
    expect(text(found)).toBe('{"id":9007199254740993}');
  });

  it('says when a difference does not come again, and leaves the input as it was', async () => {
    let calls = 0;
    const { finding } = await fuzz(
      pairOf(
        () => 'same',
        () => (calls++ === 100 ? 'other' : 'same'),
      ),
      jsonSource(),
    );
    expect(finding?.shrunk).toBeNull();
    expect(finding?.smallest).toBe(finding?.found);
  });

  it('says where legacy differs from itself', async () => {
    let now = 0;
    const clock = () => JSON.stringify({ total: 1, at: now++ });
    const rule = { as: 'json', ignore: [], unordered: [], tolerance: { absolute: 0, relative: 0 } } as const;
    const { finding } = await fuzz(pairOf(clock, clock, { compare: rule }), jsonSource());
    expect(finding?.noise.map(({ pointer }) => pointer)).toEqual(['/at']);
  });

  it('fails when a side is gone for good while an input is made smaller, and not before everything has ended', async () => {
    let running = 0;
    const pair = pairOf(
      () => 'same',
      () => 'same',
    );
    const wasm: Pair['wasm'] = async (input) => {
      if (Buffer.from(input).toString() === '[1,2,3]') throw new GaveUp('the wasm backend does not come back');
      running += 1;
      await pause(20);
      running -= 1;
      return { output: Buffer.from(input.length > 2 ? 'long' : 'same') };
    };
    const source = { name: 'one', make: () => Buffer.from('{"a":[1,2,3]}'), learn: () => undefined };
    await expect(fuzz({ ...pair, wasm }, source)).rejects.toThrow('does not come back');
    expect(running).toBe(0);
  });

  it('ends when it is asked to, and says after how many runs', async () => {
    const stopping = new AbortController();
    const { runs, interrupted, finding } = await fuzzPair({
      pair: pairOf(
        () => 'same',
        () => 'same',
      ),
      compare,
      source: jsonSource(),
      takes: 'json',
      conforms: null,
      runs: 1_000_000,
      seed: 1,
      signal: stopping.signal,
      onProgress: (done) => {
        if (done > 1_000) stopping.abort();
      },
    });
    expect([interrupted, finding]).toEqual([true, null]);
    expect(runs).toBeGreaterThan(1_000);
    expect(runs).toBeLessThan(2_000);
  });

  it('goes from an empty document to what a function wants, by what the function says', async () => {
    const legacy = (input: string): ReturnType<Parameters<typeof pairOf>[0]> => {
      const no = (detail: string) => ({ code: 'plugin-error', detail, status: 1 }) as const;
      let value: unknown;
      try {
        value = JSON.parse(input);
      } catch {
        return no('not JSON');
      }
      if (typeof value !== 'object' || value === null) return no('an object is wanted');
      const { customer, amount, currency } = value as Record<string, unknown>;
      if (typeof customer !== 'string') return no('customer is missing');
      if (typeof amount !== 'number') return no('amount is missing');
      if (typeof currency !== 'string') return no('currency is missing');
      return amount === 100 ? 'a hundred' : 'fine';
    };
    const wasm: typeof legacy = (input) => {
      const said = legacy(input);
      return said === 'a hundred' ? '100' : said;
    };
    const found = await fuzz(pairOf(legacy, wasm), jsonSource(), 20_000);
    expect(JSON.parse(text(found))).toEqual({ customer: '', amount: 100, currency: '' });
  });
});
