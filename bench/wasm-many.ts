// A gateway with 2,000 wasm plugins, each with a module of its own: how long it takes to serve, what it takes of memory,
// what the first call of each costs, and what a reload that changes one of them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './support/free-port.js';
import { describeMachine, machineLine } from './support/machine.js';
import { readOptions } from './support/options.js';
import { percentile } from './support/percentile.js';
import { keepResults } from './support/results.js';
import { ROOT } from './support/root.js';
import { stopProcess } from './support/stop-process.js';
import { tableLines } from './support/table.js';
import { manifestOf, makePlugins } from './support/wasm-many/plugin-folders.js';
import { figuresOf, type ProcessFigures } from './support/wasm-many/proc.js';

const KIB = 1024;

interface Latencies {
  readonly p50: number;
  readonly p99: number;
}

interface Figures {
  readonly moduleKiB: number;
  /** From the start of the process to the first 200 of `/readyz`, milliseconds. */
  readonly startMs: number;
  readonly atStart: ProcessFigures;
  /** Milliseconds over HTTP, one call after the other. */
  readonly first: Latencies;
  readonly second: Latencies;
  readonly afterFirst: ProcessFigures;
  readonly afterThird: ProcessFigures;
  readonly reloadMs: number;
  readonly changed: number;
}

const options = readOptions();
const count = options.quick ? 300 : 2_000;
const sizes = options.quick ? [3] : [3, 100, 1_000];

async function measure(moduleKiB: number): Promise<Figures> {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-many-'));
  const data = `127.0.0.1:${await freePort()}`;
  const admin = `127.0.0.1:${await freePort()}`;
  const plugins = path.join(folder, 'plugins');
  const names = await makePlugins(plugins, count, moduleKiB * KIB);
  const config = path.join(folder, 'banyan.yaml');
  const store = { kind: 'file', path: path.join(folder, 'store') };
  await writeFile(config, JSON.stringify({ data: { listen: data }, admin: { listen: admin }, plugins, store }));

  const startedAt = performance.now();
  const child = spawn(process.execPath, [path.join(ROOT, 'bin/banyan.js'), 'serve', '--config', config], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production', BANYAN_LOG_LEVEL: 'error' },
  });
  try {
    await once(child, 'spawn');
    while (!(await isReady(admin))) {
      if (child.exitCode !== null) throw new Error('the gateway ended');
      await pause(10);
    }
    const startMs = performance.now() - startedAt;
    const now = (): ProcessFigures => figuresOf(child.pid ?? 0);
    const atStart = now();
    const first = await callAll(data, names);
    const afterFirst = now();
    const second = await callAll(data, names);
    await callAll(data, names);
    const afterThird = now();

    await writeFile(path.join(plugins, names[0] ?? '', 'plugin.yaml'), manifestOf(names[0] ?? '', '1.0.1'));
    const reloadedAt = performance.now();
    const changed = await reload(admin);
    const reloadMs = performance.now() - reloadedAt;
    return { moduleKiB, startMs, atStart, first, second, afterFirst, afterThird, reloadMs, changed };
  } finally {
    await stopProcess(child);
    await rm(folder, { recursive: true, force: true });
  }
}

async function isReady(admin: string): Promise<boolean> {
  return fetch(`http://${admin}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );
}

async function callAll(data: string, names: readonly string[]): Promise<Latencies> {
  const latencies: number[] = [];
  for (const name of names) {
    const startedAt = performance.now();
    const answer = await fetch(`http://${data}/plugins/${name}/count`, { method: 'POST', body: 'hello world' });
    const text = await answer.text();
    latencies.push(performance.now() - startedAt);
    if (text !== '{"count":3}') throw new Error(`${name} answered ${answer.status}: ${text}`);
  }
  return { p50: percentile(latencies, 50), p99: percentile(latencies, 99) };
}

/** Answers how many plugins changed. */
async function reload(admin: string): Promise<number> {
  const answer = await fetch(`http://${admin}/api/v1/reload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`the reload was refused: ${text}`);
  return (JSON.parse(text) as { changed: readonly string[] }).changed.length;
}

const machine = describeMachine();
console.log(`${machineLine(machine)}\n${count} plugins, each with a module of its own\n`);
const rows: Figures[] = [];
for (const size of sizes) rows.push(await measure(size));

const both = ({ p50, p99 }: Latencies): string => `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
const cells: readonly (readonly [string, (figures: Figures) => string])[] = [
  ['ready after, s', ({ startMs }) => (startMs / 1000).toFixed(2)],
  ['… of processor time, s', ({ atStart }) => atStart.cpuSeconds.toFixed(2)],
  ['… resident, MiB', ({ atStart }) => atStart.residentMiB.toFixed(0)],
  ['… address space, TiB', ({ atStart }) => (atStart.reservedGiB / 1024).toFixed(2)],
  ['first call of each, p50 / p99 ms', ({ first }) => both(first)],
  ['second call of each, p50 / p99 ms', ({ second }) => both(second)],
  ['resident after the first calls, MiB', ({ afterFirst }) => afterFirst.residentMiB.toFixed(0)],
  ['… after the third, MiB', ({ afterThird }) => afterThird.residentMiB.toFixed(0)],
  ['… address space, TiB', ({ afterThird }) => (afterThird.reservedGiB / 1024).toFixed(2)],
  ['reload with one changed, s', ({ reloadMs }) => (reloadMs / 1000).toFixed(2)],
  ['… changed', ({ changed }) => String(changed)],
];
const header = ['', ...rows.map(({ moduleKiB }) => `${moduleKiB} KiB each`)];
for (const line of tableLines(
  header,
  cells.map(([name, cell]) => [name, ...rows.map(cell)]),
))
  console.log(line);
await keepResults('wasm-many', machine, { plugins: count, rows });
