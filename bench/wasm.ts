// What a call of a wasm plugin costs: beside the SDK on the same module, and beside the same C as a library.
import { availableParallelism } from 'node:os';
import { containedProcesses } from '../adapters/native/contained.js';
import { startLanes } from '../adapters/wasm/parent/lanes.js';
import { openInProcesses } from '../adapters/wasm/process/parent/open.js';
import { inBatches } from './support/batches.js';
import { textOf } from './support/check.js';
import { describeMachine, machineLine } from './support/machine.js';
import { median } from './support/median.js';
import { computed, opener } from './support/native/backends.js';
import { readOptions } from './support/options.js';
import { interleaved, latency, ratioOf, throughput } from './support/pump.js';
import { keepResults } from './support/results.js';
import { tableLines, whole } from './support/table.js';
import { type Target, targetText, verdict } from './support/target.js';
import { type Ended, sdkWorker, throughBackend } from './support/wasm/hop.js';
import { bareKoffi, type Computed, inLane, sdkForeground } from './support/wasm/in-lane.js';
import { specOf } from './support/wasm/specs.js';

const OURS = 'Banyan';
const SDK = 'SDK, foreground';
const KOFFI = 'the same C, koffi';
const WORKER = 'SDK, runInWorker';
const WORKER_RESET = 'the same, with its reset';
const ISOLATED = 'Banyan, isolation: process';
const CHILD = 'the same C, native child';

const COUNT: Computed = { fixture: 'vowels', export: 'count', symbol: 'vowels_count' };
const DIGEST: Computed = { fixture: 'sha256', export: 'digest', symbol: 'sha256_digest' };

const KIB = 1_024;
const MIB = 1_024 * KIB;
const IN_FLIGHT = 32;
const SMALL = 64;
/** Nanoseconds that a batch is meant to take. */
const BATCH = 40e6;

const options = readOptions();
const rounds = options.rounds ?? (options.quick ? 2 : 11);
const ms = (options.seconds ?? 1) * (options.quick ? 200 : 1_000);

type Figures = ReadonlyMap<string, readonly number[]>;

interface Judged {
  readonly what: string;
  readonly measured: number;
  readonly target: Target;
}

interface Measured {
  readonly what: string;
  readonly figures: Figures;
}

async function measureComputing(what: Computed, bytes: number): Promise<Measured> {
  // It owns its whole buffer: the SDK wraps such a one instead of copying it.
  const input = new Uint8Array(textOf(bytes));
  const ways = [await inLane(OURS, what, input), await sdkForeground(SDK, what, input), bareKoffi(KOFFI, what, input)];
  const answers = new Set<string>();
  for (const { answer } of ways) answers.add(Buffer.from(await answer()).toString('hex'));
  if (answers.size !== 1)
    throw new Error(`${what.symbol} of ${bytes} bytes has several answers: ${[...answers].join()}`);
  const [first] = await inBatches(ways.slice(0, 1), 1, 20).then((figures) => [...figures.values()]);
  const times = Math.min(50_000, Math.max(20, Math.round(BATCH / (first?.[0] ?? BATCH))));
  return { what: `${what.export}, ${sizeText(bytes)}`, figures: await inBatches(ways, rounds, times) };
}

function sizeText(bytes: number): string {
  if (bytes >= MIB) return `${bytes / MIB} MiB`;
  return bytes >= KIB ? `${bytes / KIB} KiB` : `${bytes} B`;
}

async function measureHop(): Promise<{ readonly single: Figures; readonly many: Figures }> {
  const count = availableParallelism();
  const lanes = startLanes({ lanes: count });
  const inProcess = openInProcesses({ contained: containedProcesses(), lanes: count });
  const spec = specOf(COUNT.fixture, [COUNT.export]);
  const worker = await sdkWorker(WORKER, COUNT);
  const ours: readonly Ended[] = [
    throughBackend(OURS, await lanes.open(spec, () => undefined), COUNT),
    throughBackend(ISOLATED, await inProcess(spec, () => undefined), COUNT),
    throughBackend(CHILD, (await opener()(computed(COUNT.fixture, COUNT.export, COUNT.symbol))).backend, COUNT),
  ];
  const withReset = {
    name: WORKER_RESET,
    call: async (message: Uint8Array) => {
      await worker.call(message);
      await worker.settle();
    },
  };
  const message = textOf(SMALL);
  try {
    return {
      single: await interleaved([...ours, worker, withReset], rounds, (one) => latency(one, message, ms)),
      many: await interleaved([...ours, worker], rounds, (one) => throughput(one, message, IN_FLIGHT, ms)),
    };
  } finally {
    await Promise.all([...ours, worker].map((one) => one.end()));
    await lanes.close();
  }
}

function printComputing(all: readonly Measured[]): void {
  console.log('On one thread, without a hop, one call after the other');
  const microseconds = (figures: Figures, name: string): string =>
    (median(figures.get(name) ?? []) / 1_000).toPrecision(3);
  const rows = all.map(({ what, figures }) => [
    what,
    ...[OURS, SDK, KOFFI].map((name) => microseconds(figures, name)),
    ratioOf(figures, SDK, OURS).toFixed(2),
    ratioOf(figures, OURS, KOFFI).toFixed(2),
  ]);
  for (const line of tableLines(['µs a call', OURS, SDK, KOFFI, 'SDK / ours', 'ours / koffi'], rows)) console.log(line);
  console.log('');
}

function printHop(title: string, unit: string, figures: Figures, digits: number): void {
  console.log(title);
  const written = (figure: number): string => (digits === 0 ? whole(figure) : figure.toFixed(digits));
  const rows = [...figures].map(([name, each]) => [
    name,
    written(median(each)),
    `${written(Math.min(...each))}–${written(Math.max(...each))}`,
  ]);
  for (const line of tableLines(['', unit, 'rounds'], rows)) console.log(line);
  console.log('');
}

function overSdk({ what, figures }: Measured, value: number): Judged {
  return {
    what: `${what}: as fast as the SDK's foreground, times`,
    measured: ratioOf(figures, SDK, OURS),
    target: { bound: 'at least', value },
  };
}

function overKoffi({ what, figures }: Measured): Judged {
  return {
    what: `${what}: the time of koffi's call of the same C, times`,
    measured: ratioOf(figures, OURS, KOFFI),
    target: { bound: 'at most', value: 1.6 },
  };
}

const machine = describeMachine();
console.log(machineLine(machine));
console.log(`${rounds} interleaved rounds, medians\n`);
const [b64, kib1, kib64, mib1] = [
  await measureComputing(COUNT, SMALL),
  await measureComputing(COUNT, KIB),
  await measureComputing(COUNT, 64 * KIB),
  await measureComputing(COUNT, MIB),
];
const digest = await measureComputing(DIGEST, MIB);
printComputing([b64, kib1, kib64, mib1, digest]);
const { single, many } = await measureHop();
printHop(`To a lane and back, ${SMALL} bytes, one in flight`, 'p50 µs', single, 1);
printHop(`To a lane and back, ${SMALL} bytes, ${IN_FLIGHT} in flight`, 'calls/s', many, 0);

const judged: readonly Judged[] = [
  overSdk(b64, 4),
  ...[kib1, kib64, mib1].map((one) => overSdk(one, 5)),
  ...[kib64, mib1].map(overKoffi),
  {
    what: `${digest.what}: the speed of native, times`,
    measured: ratioOf(digest.figures, KOFFI, OURS),
    target: { bound: 'at least', value: 0.8 },
  },
  {
    what: 'one in flight: as fast as runInWorker with the reset that its next call needs, at the median, times',
    measured: ratioOf(single, WORKER_RESET, OURS),
    target: { bound: 'at least', value: 3 },
  },
  {
    what: 'one in flight: as fast as runInWorker, its reset not counted, times',
    measured: ratioOf(single, WORKER, OURS),
    target: { bound: 'at least', value: 3 },
  },
  {
    what: `${IN_FLIGHT} in flight: the throughput of runInWorker, times`,
    measured: ratioOf(many, OURS, WORKER),
    target: { bound: 'at least', value: 50 },
  },
];
const rows = judged.map(({ what, measured, target }) => [
  what,
  measured.toFixed(2),
  targetText(target),
  verdict(measured, target),
]);
for (const line of tableLines(['', 'measured', 'target', ''], rows)) console.log(line);
const asObject = (figures: Figures): object => Object.fromEntries(figures);
await keepResults('wasm', machine, {
  rounds,
  ms,
  judged,
  computing: [b64, kib1, kib64, mib1, digest].map(({ what, figures }) => ({ what, ns: asObject(figures) })),
  single: asObject(single),
  many: asObject(many),
});
