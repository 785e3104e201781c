// How often a rollout is ended wrongly, and how soon rightly, by the gate for mismatches and by two rules that people use
// today: all on the same streams of comparisons, drawn with a known rate.
import { banyan, repeatedTest, windows } from './support/gates/rules.js';
import { drawRollout, seeded } from './support/gates/rollout.js';
import type { Ending, Rollout, Rule } from './support/gates/rollout.js';
import { describeMachine, machineLine } from './support/machine.js';
import { median } from './support/median.js';
import { readOptions } from './support/options.js';
import { percentile } from './support/percentile.js';
import { keepResults } from './support/results.js';
import { tableLines, whole } from './support/table.js';
import { targetText, verdict } from './support/target.js';
import type { Target } from './support/target.js';

/** Share of comparisons that may differ. */
const LIMIT = 0.001;
const ALPHA = 0.05;
const LENGTH = 300_000;
/** Matches that a single look at so much confidence asks for. */
const SINGLE_LOOK = Math.ceil(Math.log(ALPHA) / Math.log1p(-LIMIT));

const RULES: readonly { readonly name: string; readonly rule: Rule }[] = [
  { name: 'banyan', rule: banyan(LIMIT, ALPHA) },
  { name: 'minutes: 5 pass, 5 failed end it', rule: windows(LIMIT, { passes: 5, failures: 5 }) },
  { name: 'minutes: 10 pass, 10 failed end it', rule: windows(LIMIT, { passes: 10, failures: 10 }) },
  { name: 'minutes: 60 pass, 10 failed end it', rule: windows(LIMIT, { passes: 60, failures: 10 }) },
  { name: 'binomial test, each minute', rule: repeatedTest(LIMIT, ALPHA) },
];

interface Demand {
  readonly what: string;
  readonly of: (endings: readonly Ending[]) => number;
  readonly target: Target;
}

interface Case {
  readonly name: string;
  readonly rate: number;
  /** What must not happen. */
  readonly wrong: Ending['decision'];
  readonly demands: readonly Demand[];
}

const CASES: readonly Case[] = [
  {
    name: 'twice the limit',
    rate: 2 * LIMIT,
    wrong: 'promoted',
    demands: [
      { what: 'promoted, %', of: shareOf('promoted'), target: { bound: 'at most', value: 5 } },
      {
        what: 'rolled back within 30,000, %',
        of: shareOf('rolled back', 30_000),
        target: { bound: 'at least', value: 90 },
      },
    ],
  },
  {
    name: 'half the limit',
    rate: LIMIT / 2,
    wrong: 'rolled back',
    demands: [
      { what: 'rolled back, %', of: shareOf('rolled back'), target: { bound: 'at most', value: 5 } },
      { what: 'promoted within 60,000, %', of: shareOf('promoted', 60_000), target: { bound: 'at least', value: 90 } },
    ],
  },
  {
    name: 'no mismatches',
    rate: 0,
    wrong: 'rolled back',
    demands: [
      {
        what: 'comparisons until promoted',
        of: (endings) => Math.max(...endings.map(({ samples }) => samples)),
        target: { bound: 'at most', value: Math.floor(1.5 * SINGLE_LOOK) },
      },
    ],
  },
  {
    name: 'a tenth over the limit',
    rate: 1.1 * LIMIT,
    wrong: 'promoted',
    demands: [{ what: 'promoted, %', of: shareOf('promoted'), target: { bound: 'at most', value: 5 } }],
  },
  {
    name: 'a tenth under the limit',
    rate: 0.9 * LIMIT,
    wrong: 'rolled back',
    demands: [{ what: 'rolled back, %', of: shareOf('rolled back'), target: { bound: 'at most', value: 5 } }],
  },
];

/** Percent of the rollouts. */
function shareOf(decision: Ending['decision'], within = LENGTH): (endings: readonly Ending[]) => number {
  return (endings) =>
    (100 * endings.filter((ending) => ending.decision === decision && ending.samples <= within).length) /
    endings.length;
}

const options = readOptions();
const rollouts = options.quick ? 1_000 : 10_000;
const machine = describeMachine();
console.log(machineLine(machine));
console.log(
  `${whole(rollouts)} rollouts a case, of ${whole(LENGTH)} comparisons at most, 10 to 50 a second; limit 0.1 %, alpha 5 %\n`,
);

const results = CASES.map(({ name, rate, wrong, demands }, seed) => {
  const random = seeded(seed + 1);
  const streams: Rollout[] = Array.from({ length: rollouts }, () => drawRollout(rate, LENGTH, random));
  const rules = RULES.map(({ name: rule, rule: ends }) => ({ rule, endings: streams.map((stream) => ends(stream)) }));
  const rows = rules.map(({ rule, endings }) => ({
    rule,
    promoted: shareOf('promoted')(endings),
    rolledBack: shareOf('rolled back')(endings),
    undecided: shareOf('undecided')(endings),
    median: median(endings.map(({ samples }) => samples)),
    p90: percentile(
      endings.map(({ samples }) => samples),
      90,
    ),
    demands: demands.map(({ what, of, target }) => ({ what, measured: of(endings), target })),
  }));
  return { name, rate, wrong, rows };
});

for (const { name, wrong, rows } of results) {
  const mark = (share: number, decision: Ending['decision']): string =>
    `${share.toFixed(2)} %${decision === wrong && share > 100 * ALPHA ? ' (!)' : ''}`;
  const lines = rows.map(({ rule, promoted, rolledBack, undecided, median, p90, demands }) => [
    rule,
    mark(promoted, 'promoted'),
    mark(rolledBack, 'rolled back'),
    `${undecided.toFixed(2)} %`,
    whole(median),
    whole(p90),
    ...demands.map(({ measured, target }) => `${Number(measured.toFixed(2))}: ${verdict(measured, target)}`),
  ]);
  const demands = rows[0]?.demands.map(({ what, target }) => `${what} ${targetText(target)}`) ?? [];
  const header = [name, 'promoted', 'rolled back', 'undecided', 'median', 'p90', ...demands];
  for (const line of tableLines(header, lines)) console.log(line);
  console.log('');
}

await keepResults('gates', machine, { rollouts, limit: LIMIT, alpha: ALPHA, length: LENGTH, cases: results });
const missed = results.flatMap(({ name, rows }) =>
  (rows[0]?.demands ?? [])
    .filter(({ measured, target }) => verdict(measured, target) === 'not met')
    .map(({ what }) => `${name}: ${what}`),
);
if (missed.length > 0) {
  console.log(`Not met by banyan: ${missed.join('; ')}`);
  process.exitCode = 1;
}
