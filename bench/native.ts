// What it costs to call a C library in a process of its own, and in the gateway itself: beside the least that it could cost.
import { callOf, faulty, opener } from './support/native/backends.js';
import { type Crash, measureCrashes } from './support/native/crashes.js';
import { measureGateway } from './support/native/gateway-memory.js';
import { type InProcessFigures, measureInProcess } from './support/native/in-process.js';
import { type FamilyMemory, type Memory, measureFamily } from './support/native/memory.js';
import { interleaved, latency, type Pumped, ratioOf, throughput } from './support/pump.js';
import { startEcho } from './support/native/unix-echo.js';
import { describeMachine, machineLine } from './support/machine.js';
import { median } from './support/median.js';
import { readOptions } from './support/options.js';
import { percentile } from './support/percentile.js';
import { keepResults } from './support/results.js';
import { tableLines, whole } from './support/table.js';
import { type Target, targetText, verdict } from './support/target.js';

const IN_FLIGHT = 32;
/** Of large bodies: enough to keep both sides busy. */
const LARGE_IN_FLIGHT = 4;
const SMALL = Buffer.alloc(64, 'a');
const LARGE = Buffer.alloc(1024 * 1024, 'a');

const CONTAINED = 'Banyan';
const PLAIN = 'Banyan, containment: none';
const ECHO = 'Unix socket echo';

const GIB = 2 ** 30;
const MIB = 2 ** 20;
const PAGE = 4_096;

const options = readOptions();
const rounds = options.rounds ?? (options.quick ? 1 : 7);
const ms = (options.seconds ?? (options.quick ? 1 : 2)) * 1_000;
const crashes = options.quick ? 10 : 120;
const family = options.quick ? 3 : 20;

type Figures = ReadonlyMap<string, readonly number[]>;

interface Judged {
  readonly what: string;
  readonly measured: number;
  readonly target: Target;
}

async function measureCalls(): Promise<{ judged: Judged[]; figures: Record<string, object> }> {
  const open = opener();
  const contained = await open(faulty());
  const plain = await open(faulty({ plugin: 'plain', containment: 'none' }));
  const echo = await startEcho();
  const pumped: readonly Pumped[] = [
    { name: CONTAINED, call: (message) => contained.backend.call(callOf('echo', message)) },
    { name: PLAIN, call: (message) => plain.backend.call(callOf('echo', message)) },
    { name: ECHO, call: echo.send },
  ];
  try {
    const state = contained.state();
    if (state.state === 'ready') console.log(`containment: ${JSON.stringify(state.containment ?? null)}\n`);
    const many = await interleaved(pumped, rounds, (one) => throughput(one, SMALL, IN_FLIGHT, ms));
    print(`64 bytes, ${IN_FLIGHT} in flight`, 'calls/s', many, whole);
    const single = await interleaved(pumped, rounds, (one) => latency(one, SMALL, ms));
    print('64 bytes, one in flight', 'p50 µs', single, (microseconds) => microseconds.toFixed(1));
    const large = await interleaved(pumped, rounds, (one) => throughput(one, LARGE, LARGE_IN_FLIGHT, ms));
    print(`1 MiB, ${LARGE_IN_FLIGHT} in flight`, 'MiB/s', large, whole);
    const judged = [CONTAINED, PLAIN].flatMap((name): Judged[] => [
      {
        what: `${name}: calls/s, ${IN_FLIGHT} in flight (or 0.6 × the echo's, if that is less)`,
        measured: median(many.get(name) ?? []),
        target: { bound: 'at least', value: Math.round(Math.min(150_000, 0.6 * median(many.get(ECHO) ?? []))) },
      },
      {
        what: `${name}: p50 / the echo's, one in flight`,
        measured: ratioOf(single, name, ECHO),
        target: { bound: 'at most', value: 1.4 },
      },
      {
        what: `${name}: bytes/s / the echo's, 1 MiB`,
        measured: ratioOf(large, name, ECHO),
        target: { bound: 'at least', value: 0.7 },
      },
    ]);
    return { judged, figures: { many: asObject(many), single: asObject(single), large: asObject(large) } };
  } finally {
    await Promise.all([contained.backend.close(), plain.backend.close(), echo.stop()]);
  }
}

function print(title: string, unit: string, measured: Figures, written: (figure: number) => string): void {
  const rows = [...measured].map(([name, figures]) => [
    name,
    written(median(figures)),
    ratioOf(measured, name, ECHO).toFixed(2),
    `${written(Math.min(...figures))}–${written(Math.max(...figures))}`,
  ]);
  console.log(title);
  for (const line of tableLines(['', unit, '× echo', 'rounds'], rows)) console.log(line);
  console.log('');
}

function printInProcess(figures: readonly InProcessFigures[]): void {
  console.log('In the gateway itself, one call after the other');
  const rows = figures.map(({ bytes, ours, barest, documented, toBarest, toDocumented }) => [
    `${whole(bytes)} bytes`,
    ...[ours, barest, documented].map((nanoseconds) => (nanoseconds / 1_000).toFixed(2)),
    toBarest.toFixed(2),
    toDocumented.toFixed(2),
  ]);
  const header = ['µs a call', 'Banyan', 'koffi, barest', 'koffi, as documented', '× barest', '× documented'];
  for (const line of tableLines(header, rows)) console.log(line);
  console.log('');
}

async function measureAllCrashes() {
  const contained = await measureCrashes(crashes, 'preferred');
  const plain = await measureCrashes(crashes, 'none');
  console.log(`First call after a crash, ${crashes} crashes each, ms`);
  const row = (name: string, what: string, times: readonly number[]): string[] => [
    `${name}: ${what}`,
    ...[50, 99, 100].map((percent) => percentile(times, percent).toFixed(1)),
  ];
  const rowsOf = (name: string, all: readonly Crash[]): string[][] => [
    row(name, 'from the failure of the crashed call', fromFailure(all)),
    row(
      name,
      'from the making of the crashing call',
      all.map(({ fromCrash }) => fromCrash),
    ),
    row(
      name,
      'a call made right behind the crashing one',
      all.map(({ duringCrash }) => duringCrash),
    ),
  ];
  const rows = [...rowsOf(CONTAINED, contained), ...rowsOf(PLAIN, plain)];
  for (const line of tableLines(['', 'p50', 'p99', 'longest'], rows)) console.log(line);
  console.log('');
  const judged = ([[CONTAINED, contained] as const, [PLAIN, plain] as const] as const).map(([name, all]): Judged => ({
    what: `${name}: first call after a crash, p99 ms`,
    measured: percentile(fromFailure(all), 99),
    target: { bound: 'at most', value: 15 },
  }));
  return { judged, figures: { contained, plain } };
}

function fromFailure(all: readonly Crash[]): number[] {
  return all.map((crash) => crash.fromFailure);
}

async function measureMemory() {
  const gateway = await measureGateway();
  const terms = {
    lone: { one: await measureFamily(1, {}), many: await measureFamily(family, {}) },
    group: { one: await measureFamily(1, { group: 'bench' }), many: await measureFamily(family, { group: 'bench' }) },
    plain: {
      one: await measureFamily(1, { containment: 'none' }),
      many: await measureFamily(family, { containment: 'none' }),
    },
  };
  console.log('Memory, MiB: resident, with what is shared divided among those who share it, and what is its own');
  const average = (all: readonly Memory[]): string =>
    all.length === 0 ? '–' : (['rss', 'pss', 'own'] as const).map((which) => mib(mean(all, which))).join(' / ');
  const row = (name: string, { children, spares, sandboxes, own }: FamilyMemory): string[] => [
    name,
    `${children.length} × ${average(children)}`,
    `${spares.length} × ${average(spares)}`,
    `${sandboxes.length} × ${average(sandboxes)}`,
    mib(own),
  ];
  const rows = [
    ['the gateway itself', gateway === null ? '–' : average([gateway]), '', '', ''],
    row('1 plugin', terms.lone.one),
    row(`${family} plugins, each alone`, terms.lone.many),
    row('1 plugin of a group', terms.group.one),
    row(`${family} plugins of one group`, terms.group.many),
    row('1 plugin, containment: none', terms.plain.one),
    row(`${family} plugins, containment: none`, terms.plain.many),
  ];
  for (const line of tableLines(['', 'children', 'spares', 'sandboxes', 'own, of all'], rows)) console.log(line);
  console.log('');
  const holds = Object.fromEntries(
    Object.entries(terms).map(([name, { one, many }]) => {
      const further = (many.own - one.own) / (family - 1);
      // What they share with the gateway, which is the same program, is counted with it.
      const room = GIB - (gateway?.rss ?? Number.NaN) - one.own;
      return [name, { furtherPlugin: further, inOneGiB: 1 + Math.floor(room / Math.max(further, PAGE)) }];
    }),
  );
  for (const [name, { furtherPlugin, inOneGiB }] of Object.entries(holds))
    console.log(`${name}: ${mib(furtherPlugin)} MiB each further plugin; 1 GiB holds ${whole(inOneGiB)}`);
  console.log('');
  return { gateway, ...terms, holds };
}

function mean(all: readonly Memory[], which: keyof Memory): number {
  return all.reduce((sum, memory) => sum + memory[which], 0) / all.length;
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}

function asObject(figures: Figures): object {
  return Object.fromEntries(figures);
}

const machine = describeMachine();
console.log(machineLine(machine));
console.log(`${rounds} interleaved rounds of ${ms / 1_000} s each, medians\n`);
// First, while nothing else has happened in this process.
const inProcess: InProcessFigures[] = [];
for (const bytes of [64, 4_096, 65_536, 1_048_576]) inProcess.push(await measureInProcess(bytes, 2 * rounds + 1));
printInProcess(inProcess);
const calls = await measureCalls();
const crashed = await measureAllCrashes();
const memory = await measureMemory();

const judged: readonly Judged[] = [
  ...calls.judged,
  {
    what: 'in the gateway itself: 64 bytes / the barest koffi call',
    measured: inProcess[0]?.toBarest ?? Number.NaN,
    target: { bound: 'at most', value: 2 },
  },
  ...crashed.judged,
];
const rows = judged.map(({ what, measured, target }) => [
  what,
  measured >= 1_000 ? whole(measured) : measured.toFixed(2),
  targetText(target),
  verdict(measured, target),
]);
for (const line of tableLines(['', 'measured', 'target', ''], rows)) console.log(line);
await keepResults('native', machine, {
  rounds,
  ms,
  judged,
  calls: calls.figures,
  inProcess,
  crashes: crashed.figures,
  memory,
});
