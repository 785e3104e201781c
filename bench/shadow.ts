// What mirroring costs the callers: the same gateway in stage shadow with sample 0 and 100, in pairs.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { textOf } from './support/check.js';
import { type BenchGateway, startGatewayAlone } from './support/gateway.js';
import { describeMachine, machineLine } from './support/machine.js';
import { median } from './support/median.js';
import { readOptions } from './support/options.js';
import { Patience } from './support/others.js';
import { keepResults } from './support/results.js';
import { countsOf, untilIdle } from './support/shadow/counts.js';
import { makePlugins, NAP } from './support/shadow/plugins.js';
import { tableLines, whole } from './support/table.js';
import { type Target, targetText, verdict } from './support/target.js';
import { hasWrk, load, type Measurement, writeScript } from './support/wrk.js';

const CONNECTIONS = 32;

const options = readOptions();
const pairs = options.rounds ?? (options.quick ? 1 : 7);
const seconds = options.seconds ?? (options.quick ? 1 : 3);
const patience = new Patience(options.patience ?? (options.quick ? 0 : 60));

interface Sample extends Measurement {
  /** Percent that was mirrored. */
  readonly sample: number;
  /** Share of the answered calls that were compared. */
  readonly compared: number;
  /** Resident memory of the gateway at the end, MiB. */
  readonly memory: number;
}

interface Pair {
  readonly without: Sample;
  readonly mirrored: Sample;
}

interface Run {
  readonly gateway: BenchGateway;
  readonly target: string;
  readonly script: string;
}

async function measure({ gateway, target, script }: Run, sample: number): Promise<Sample> {
  const [plugin = ''] = target.split('/');
  await gateway.flip(target, { stage: 'shadow', sample });
  // What was mirrored before would be in the way of a sample without.
  await untilIdle(gateway, plugin);
  const url = `${gateway.data}/plugins/${target}`;
  const before = await countsOf(gateway, plugin);
  const measured = await load({ url, script, connections: CONNECTIONS, seconds });
  if (measured.errors > 0) throw new Error(`${target} at sample ${sample}: ${measured.errors} callers got no answer`);
  const after = await countsOf(gateway, plugin);
  await pause(250);
  const compared = (after.compared - before.compared) / (after.answered - before.answered);
  return { ...measured, sample, compared, memory: memoryOf(gateway) };
}

/** Both ways in turn, each pair in the other order than the one before. */
async function play(name: string, run: Run): Promise<readonly Pair[]> {
  const played: Pair[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const { first, second } = await patience.measure(async () => ({
      first: await measure(run, pair % 2 === 0 ? 0 : 100),
      second: await measure(run, pair % 2 === 0 ? 100 : 0),
    }));
    played.push(first.sample === 0 ? { without: first, mirrored: second } : { without: second, mirrored: first });
    process.stderr.write(`${name}: pair ${pair + 1} of ${pairs}\n`);
  }
  return played;
}

function memoryOf({ pid }: BenchGateway): number {
  const status = readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}

interface Figure {
  readonly what: string;
  readonly measured: number;
  readonly target: Target;
}

const ratioOf = (played: readonly Pair[], of: (sample: Sample) => number): number =>
  median(played.map(({ without, mirrored }) => of(mirrored) / of(without)));

function latencyFigures(what: string, played: readonly Pair[]): Figure[] {
  return [
    { what: `${what}: p50, mirrored / not`, measured: ratioOf(played, (one) => one.p50), target: atMost(1.1) },
    { what: `${what}: p99, mirrored / not`, measured: ratioOf(played, (one) => one.p99), target: atMost(1.3) },
  ];
}

const atMost = (value: number): Target => ({ bound: 'at most', value });
const atLeast = (value: number): Target => ({ bound: 'at least', value });

function print(title: string, played: readonly Pair[]): void {
  console.log(`\n${title}\n`);
  const row = (name: string, samples: readonly Sample[]): string[] => [
    name,
    whole(median(samples.map((one) => one.requestsPerSecond))),
    median(samples.map((one) => one.p50)).toFixed(3),
    median(samples.map((one) => one.p99)).toFixed(3),
    `${Math.round(100 * median(samples.map((one) => one.compared)))} %`,
    whole(Math.max(...samples.map((one) => one.memory))),
  ];
  const rows = [
    row(
      'sample 0',
      played.map((pair) => pair.without),
    ),
    row(
      'sample 100',
      played.map((pair) => pair.mirrored),
    ),
  ];
  const header = ['', 'requests/s', 'p50 ms', 'p99 ms', 'compared', 'RSS MiB'];
  for (const line of tableLines(header, rows)) console.log(line);
}

/** In a gateway of its own, which has begun to be warm. */
async function alone<T>(plugins: string, then: (gateway: BenchGateway) => Promise<T>): Promise<T> {
  const gateway = await startGatewayAlone({ node: process.execPath, plugins });
  try {
    return await then(gateway);
  } finally {
    await gateway.stop();
  }
}

async function bench(folder: string, plugins: string): Promise<readonly Figure[]> {
  const text = textOf(120);
  const { saturated, paced, pauseMs } = await alone(plugins, async (gateway) => {
    const fast = { gateway, target: 'vowels/count' };
    const saturating = { ...fast, script: await writeScript(folder, 'saturating', text) };
    await measure(saturating, 100);
    const saturated = await play('saturated', saturating);
    print('At saturation', saturated);

    const rate = median(saturated.map((pair) => pair.without.requestsPerSecond)) / 4;
    const pauseMs = (CONNECTIONS / rate) * 1_000;
    const paced = await play('a quarter', { ...fast, script: await writeScript(folder, 'paced', text, { pauseMs }) });
    print(`At a quarter of it (${whole(rate)} requests/s)`, paced);
    return { saturated, paced, pauseMs };
  });

  const { slow, grown } = await alone(plugins, async (gateway) => {
    const run = { gateway, target: 'slow/answer', script: await writeScript(folder, 'slow', NAP, { pauseMs }) };
    // Before anything was mirrored: what is waited for may not be in memory yet.
    const { memory } = await measure(run, 0);
    const slow = await play('slow shadow', run);
    print('At a quarter of it, and every mirrored call takes a second', slow);
    return { slow, grown: Math.max(...slow.map((pair) => pair.mirrored.memory)) - memory };
  });

  return [
    {
      what: 'saturated: requests/s, mirrored / not',
      measured: ratioOf(saturated, (one) => one.requestsPerSecond),
      target: atLeast(0.9),
    },
    ...latencyFigures('a quarter', paced),
    {
      what: 'a quarter: share compared',
      measured: median(paced.map((pair) => pair.mirrored.compared)),
      target: atLeast(0.9),
    },
    ...latencyFigures('slow shadow', slow),
    { what: 'slow shadow: MiB more than without', measured: grown, target: atMost(64) },
  ];
}

if (!(await hasWrk())) {
  console.log('bench/shadow needs wrk, which is not installed (Debian: apt-get install wrk): skipped');
} else {
  const machine = describeMachine();
  console.log(machineLine(machine));
  console.log(`${pairs} pairs of ${seconds} s each, medians`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'banyan-shadow-'));
  const plugins = path.join(folder, 'plugins');
  await makePlugins(plugins);
  try {
    const figures = await bench(folder, plugins);
    console.log('');
    const rows = figures.map(({ what, measured, target }) => [
      what,
      measured.toFixed(2),
      targetText(target),
      verdict(measured, target),
    ]);
    for (const line of tableLines(['', 'measured', 'target', ''], rows)) console.log(line);
    await keepResults('shadow', machine, { pairs, seconds, figures });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
