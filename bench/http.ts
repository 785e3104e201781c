// Requests a second of the gateway beside what else one could write: same machine, same module, interleaved rounds.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { textOf } from './support/check.js';
import type { Running } from './support/contestant.js';
import { startGateway } from './support/gateway.js';
import { describeMachine, machineLine } from './support/machine.js';
import { readOptions } from './support/options.js';
import { Patience } from './support/others.js';
import { startPeer } from './support/peer.js';
import { keepResults } from './support/results.js';
import { playRounds, ratio } from './support/rounds.js';
import type { Standing } from './support/rounds.js';
import { tableLines, whole } from './support/table.js';
import { targetText, verdict } from './support/target.js';
import type { Target } from './support/target.js';
import { hasWrk, writeScript } from './support/wrk.js';

const CONNECTIONS = 32;

/** The version that the targets are for. */
const JUDGED = 'v20.';

const BARE = 'node:http, a constant';
const FASTIFY = 'Fastify + SDK, foreground';
const EXPRESS = 'Express + SDK, foreground';
const EXPRESS_WORKER = 'Express + SDK, runInWorker';

/** What is measured at each size, and what the gateway is held to on Node.js 20: [ours, theirs, at least]. */
const SIZES: readonly { readonly bytes: number; readonly targets: readonly (readonly [string, string, number])[] }[] = [
  {
    bytes: 120,
    targets: [
      ['Banyan, wasm', BARE, 0.5],
      ['Banyan, wasm', FASTIFY, 1.4],
      ['Banyan, wasm', EXPRESS, 5],
      ['Banyan, wasm', EXPRESS_WORKER, 12],
      ['Banyan, native', BARE, 0.6],
    ],
  },
  {
    bytes: 64 * 1024,
    targets: [
      ['Banyan, wasm', BARE, 0.25],
      ['Banyan, wasm', FASTIFY, 2.5],
    ],
  },
];

interface Ratio {
  readonly of: string;
  readonly to: string;
  readonly measured: number;
  readonly target: Target;
}

const options = readOptions();
const rounds = options.rounds ?? (options.quick ? 1 : 5);
const seconds = options.seconds ?? (options.quick ? 1 : 2);
const warmUpSeconds = options.quick ? 1 : 2;
const patience = new Patience(options.patience ?? (options.quick ? 0 : 60));

async function start(node: string): Promise<Running> {
  const started = await Promise.allSettled([
    startGateway({ node }),
    startPeer({ name: BARE, program: 'bare', node }),
    startPeer({ name: FASTIFY, program: 'fastify', node }),
    startPeer({ name: EXPRESS, program: 'express', node }),
    startPeer({ name: EXPRESS_WORKER, program: 'express', args: ['--in-worker'], node }),
  ]);
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async () => {
    await Promise.all(running.map((one) => one.stop()));
  };
  const failed = started.find((one) => one.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  return { contestants: running.flatMap(({ contestants }) => contestants), stop };
}

async function measure(node: string, folder: string) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  const { contestants, stop } = await start(node);
  try {
    const sizes = [];
    for (const { bytes, targets } of SIZES) {
      const script = await writeScript(folder, String(bytes), textOf(bytes));
      const load = { bytes, script, connections: CONNECTIONS, warmUpSeconds, seconds, rounds, patience };
      const standings = await playRounds({ contestants, ...load });
      const ratios = targets.map(([of, to, value]): Ratio => {
        const measured = ratio(standing(standings, of), standing(standings, to));
        return { of, to, measured, target: { bound: 'at least', value } };
      });
      console.log(`\nNode.js ${version}, ${whole(bytes)} bytes, ${CONNECTIONS} connections\n`);
      print(standings, ratios, version.startsWith(JUDGED));
      sizes.push({ bytes, standings, ratios });
    }
    return { node: version, sizes };
  } finally {
    await stop();
  }
}

function standing(standings: readonly Standing[], name: string): Standing {
  const found = standings.find((one) => one.name === name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
}

function print(standings: readonly Standing[], ratios: readonly Ratio[], judged: boolean): void {
  const rows = standings.map((one) => [
    one.name,
    whole(one.requestsPerSecond),
    one.p50.toFixed(2),
    one.p99.toFixed(2),
    whole(one.errors),
    scatter(one),
    one.others.toFixed(2),
  ]);
  const header = ['', 'requests/s', 'p50 ms', 'p99 ms', 'errors', 'range', 'others'];
  for (const line of tableLines(header, rows)) console.log(line);
  console.log('');
  const compared = ratios.map(({ of, to, measured, target }) => [
    `${of} / ${to}`,
    measured.toFixed(2),
    targetText(target),
    judged ? verdict(measured, target) : '',
  ]);
  for (const line of tableLines(['', 'ratio', 'target', ''], compared)) console.log(line);
}

/** The slowest and the fastest round, in per cent of the median: how far the figures can be trusted. */
function scatter({ rounds, requestsPerSecond }: Standing): string {
  const percent = rounds.map((round) => Math.round((round.requestsPerSecond / requestsPerSecond) * 100));
  return `${Math.min(...percent)}–${Math.max(...percent)} %`;
}

/** This Node.js, and beside it another one where the options name it. */
function runtimes(): string[] {
  return options.node === null ? [process.execPath] : [process.execPath, options.node];
}

if (!(await hasWrk())) {
  console.log('bench/http needs wrk, which is not installed (Debian: apt-get install wrk): skipped');
} else {
  const machine = describeMachine();
  console.log(machineLine(machine));
  console.log(`${rounds} interleaved rounds of ${seconds} s each, medians; targets are for Node.js 20`);
  console.log('range: slowest and fastest round; others: cores that other processes took in the worst round');
  const folder = await mkdtemp(path.join(os.tmpdir(), 'banyan-wrk-'));
  try {
    const runs = [];
    for (const node of runtimes()) runs.push(await measure(node, folder));
    await keepResults('http', machine, { connections: CONNECTIONS, rounds, seconds, runs });
    const failed = runs
      .flatMap(({ sizes }) => sizes.flatMap(({ standings }) => standings))
      .some((one) => one.errors > 0);
    if (failed) {
      console.log('Some calls failed: these figures do not count');
      process.exitCode = 1;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
