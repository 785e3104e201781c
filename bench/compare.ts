// What it costs to compare two outputs: beside parsing both, without which nobody could.
import { createComparer } from '../src/comparison/comparer.js';
import type { PluginFunction } from '../src/domain/plugin.js';
import { functionOf } from '../src/registry/function-of.js';
import { pluginFunction } from '../src/schema/manifest.js';
import { inBatches } from './support/batches.js';
import { DIFFERING, documentsOf, type Documents } from './support/compare/documents.js';
import { describeMachine, machineLine } from './support/machine.js';
import { median } from './support/median.js';
import { readOptions } from './support/options.js';
import { keepResults } from './support/results.js';
import { tableLines } from './support/table.js';
import { targetText, verdict } from './support/target.js';
import type { Target } from './support/target.js';

const SIZES = [1_024, 16 * 1_024, 64 * 1_024];
/** The size that the target is about. */
const JUDGED = 64 * 1_024;
const TARGET: Target = { bound: 'at most', value: 2 };

const PARSE = 'JSON.parse of both';
const RULES: Readonly<Record<string, object>> = {
  'as: json': { as: 'json' },
  'ignore, tolerance': { as: 'json', ignore: ['/items/*/name', '/count'], tolerance: 1e-9 },
  'ignore, unordered': { as: 'json', ignore: ['/items/*/name'], unordered: ['/items'] },
};

const options = readOptions();
const rounds = options.rounds ?? (options.quick ? 5 : 41);

interface Figure {
  readonly documents: string;
  readonly bytes: number;
  /** Microseconds, medians. */
  readonly parse: number;
  /** Times what it takes to parse, by rule: medians over rounds, each of which does all of them. */
  readonly ratios: Readonly<Record<string, number>>;
  /** Documents that differ, compared as JSON, by how they do: as many times. */
  readonly differing: Readonly<Record<string, number>>;
  /** The same bytes on both sides: microseconds. */
  readonly equal: number;
  /** Of the other thread and back, one at a time: microseconds. */
  readonly lane: number;
}

const atOnce = createComparer({ atOnce: Number.POSITIVE_INFINITY });
const elsewhere = createComparer({ atOnce: 0 });

function functionWith(compare: object): PluginFunction {
  return functionOf('quote', pluginFunction.parse({ compare }));
}

async function measure({ name, legacy, wasm, differing }: Documents, bytes: number): Promise<Figure> {
  const json = functionWith({ as: 'json' });
  const repeat = (work: () => void) => (times: number) => {
    for (let time = 0; time < times; time++) work();
  };
  const matching = (spec: PluginFunction, other: Buffer) => () => {
    const comparison = atOnce.compare(spec, { output: legacy }, { output: other });
    if ('then' in comparison || comparison.result !== 'match') throw new Error(`${name}: not the same`);
  };
  const telling = (other: Buffer) => () => {
    const comparison = atOnce.compare(json, { output: legacy }, { output: other });
    if ('then' in comparison || comparison.result !== 'mismatch') throw new Error(`${name}: the same`);
  };
  const ways = [
    {
      name: PARSE,
      run: repeat(() => {
        JSON.parse(legacy.toString());
        JSON.parse(wasm.toString());
      }),
    },
    ...Object.entries(RULES).map(([rule, compare]) => ({
      name: rule,
      run: repeat(matching(functionWith(compare), wasm)),
    })),
    ...DIFFERING.map((how) => ({ name: how, run: repeat(telling(differing[how])) })),
    { name: 'equal', run: repeat(matching(json, Buffer.from(legacy))) },
    {
      name: 'lane',
      run: async (times: number) => {
        for (let time = 0; time < times; time++) {
          const comparison = await elsewhere.compare(json, { output: legacy }, { output: wasm });
          if (comparison?.result !== 'match') throw new Error(`${name}: not the same in a thread`);
        }
      },
    },
  ];
  const figures = await inBatches(ways, rounds, Math.max(5, Math.round(2_000_000 / bytes)));
  const of = (way: string): readonly number[] => figures.get(way) ?? [];
  const ratio = (way: string): number => median(of(way).map((each, round) => each / (of(PARSE)[round] ?? Number.NaN)));
  return {
    documents: name,
    bytes,
    parse: median(of(PARSE)) / 1_000,
    ratios: Object.fromEntries(Object.keys(RULES).map((rule) => [rule, ratio(rule)])),
    differing: Object.fromEntries(DIFFERING.map((how) => [how, ratio(how)])),
    equal: median(of('equal')) / 1_000,
    lane: median(of('lane')) / 1_000,
  };
}

const machine = describeMachine();
console.log(machineLine(machine));
console.log(`medians of ${rounds} rounds; × is: as long as JSON.parse of both\n`);
const figures: Figure[] = [];
for (const bytes of SIZES) for (const documents of documentsOf(bytes)) figures.push(await measure(documents, bytes));
await Promise.all([atOnce.close(), elsewhere.close()]);

const rows = figures.map(({ documents, bytes, parse, ratios, differing, equal, lane }) => {
  const worst = Math.max(...Object.values(ratios));
  return [
    `${documents}, ${bytes / 1_024} KiB`,
    parse.toFixed(0),
    ...Object.values(ratios).map((ratio) => `${ratio.toFixed(2)} ×`),
    ...Object.values(differing).map((ratio) => `${ratio.toFixed(2)} ×`),
    equal.toFixed(1),
    lane.toFixed(0),
    bytes === JUDGED ? targetText(TARGET) : '',
    bytes === JUDGED ? verdict(worst, TARGET) : '',
  ];
});
const head = [
  '',
  `${PARSE}, µs`,
  ...Object.keys(RULES),
  ...DIFFERING,
  'equal bytes, µs',
  'in a thread, µs',
  'target',
  '',
];
for (const line of tableLines(head, rows)) console.log(line);
await keepResults('compare', machine, { rounds, target: TARGET, figures });
