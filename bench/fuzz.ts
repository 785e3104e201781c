// How many inputs a second both sides run and are compared on, beside fast-check's own loop; and how soon a difference is found.
import fc from 'fast-check';
import type { Compare } from '../src/domain/compare.js';
import { createComparer } from '../src/comparison/comparer.js';
import { exampleWith, open } from './support/fuzz/opened.js';
import { describeMachine, machineLine } from './support/machine.js';
import { median } from './support/median.js';
import { readOptions } from './support/options.js';
import { keepResults } from './support/results.js';
import { tableLines, whole } from './support/table.js';
import { type Target, targetText, verdict } from './support/target.js';

const options = readOptions();
const rounds = options.rounds ?? (options.quick ? 1 : 5);
const runs = options.quick ? 5_000 : 200_000;
const seeds = options.quick ? 3 : 20;
const RUNS_TO_FIND = 20_000;

const comparer = createComparer();
const { compare }: { readonly compare: Compare } = comparer;

interface Rate {
  readonly name: string;
  readonly perSecond: readonly number[];
  readonly target: Target | null;
}

/** What one would write without a pipeline: one input after the other. */
async function ownLoop({ pair }: Awaited<ReturnType<typeof open>>): Promise<number> {
  const count = Math.ceil(runs / 20);
  const from = performance.now();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (input) => {
      const [legacy, wasm] = await Promise.all([pair.legacy(input), pair.wasm(input)]);
      return (await compare(pair.spec, legacy, wasm))?.result === 'match';
    }),
    { numRuns: count },
  );
  return (count / (performance.now() - from)) * 1_000;
}

async function measureRates(): Promise<readonly Rate[]> {
  const crc = await open(await exampleWith('1.0.1'), 'crc', 'checksum');
  const pricing = await open(await exampleWith('1.0.1'), 'pricing', 'quote');
  const rate = async (side: typeof crc, bySchema: boolean, seed: number): Promise<number> => {
    const fuzzed = await side.fuzz(compare, { runs, seed, bySchema });
    if (fuzzed.finding !== null) throw new Error('sides that are alike were found to differ');
    return (fuzzed.runs / fuzzed.ms) * 1_000;
  };
  const figures = { crc: [] as number[], schema: [] as number[], words: [] as number[], loop: [] as number[] };
  try {
    for (let round = 0; round < rounds; round++) {
      figures.crc.push(await rate(crc, false, round));
      figures.loop.push(await ownLoop(crc));
      figures.schema.push(await rate(pricing, true, round));
      figures.words.push(await rate(pricing, false, round));
    }
  } finally {
    await crc.close();
    await pricing.close();
  }
  return [
    { name: 'crc/checksum, bytes', perSecond: figures.crc, target: { bound: 'at least', value: 20_000 } },
    { name: "the same by fast-check's loop, one by one", perSecond: figures.loop, target: null },
    { name: 'pricing/quote (1.0.1), JSON by its schema', perSecond: figures.schema, target: null },
    { name: 'pricing/quote (1.0.1), JSON from nothing', perSecond: figures.words, target: null },
  ];
}

interface Search {
  readonly name: string;
  readonly runs: readonly number[];
  readonly shrinkRuns: readonly number[];
  readonly bytes: readonly number[];
  readonly missed: number;
}

async function measureSearches(): Promise<readonly Search[]> {
  const pricing = await open(await exampleWith('1.0.0'), 'pricing', 'quote');
  const search = async (name: string, bySchema: boolean): Promise<Search> => {
    const all = [];
    for (let seed = 1; seed <= seeds; seed++)
      all.push((await pricing.fuzz(compare, { runs: RUNS_TO_FIND, seed, bySchema })).finding);
    const found = all.filter((finding) => finding !== null);
    return {
      name,
      runs: found.map(({ run }) => run),
      shrinkRuns: found.map(({ shrunk }) => shrunk?.runs ?? 0),
      bytes: found.map(({ smallest }) => smallest.input.length),
      missed: all.length - found.length,
    };
  };
  try {
    return [await search('JSON by its schema', true), await search('JSON from nothing', false)];
  } finally {
    await pricing.close();
  }
}

const machine = describeMachine();
console.log(machineLine(machine));
console.log(`${whole(runs)} runs a round, ${rounds} rounds\n`);
const rates = await measureRates();
const rateRows = rates.map(({ name, perSecond, target }) => [
  name,
  whole(median(perSecond)),
  target === null ? '' : targetText(target),
  target === null ? '' : verdict(median(perSecond), target),
]);
for (const line of tableLines(['', 'runs/s', 'target', ''], rateRows)) console.log(line);

console.log(`\nThe half cent of pricing 1.0.0, ${seeds} seeds`);
const searches = await measureSearches();
const searchRows = searches.map((search) => [
  search.name,
  whole(median(search.runs)),
  whole(Math.max(...search.runs)),
  whole(search.missed),
  whole(median(search.shrinkRuns)),
  whole(median(search.bytes)),
]);
const header = ['', 'runs until found', 'most', 'not found', 'runs to shrink', 'bytes left'];
for (const line of tableLines(header, searchRows)) console.log(line);
await comparer.close();
await keepResults('fuzz', machine, { runs, rates, searches });
