import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import { FAULTS } from './fault-rows.js';
import { run } from './fault-runs.js';
import { tableOf } from '../table.js';
import { buffer, compile, fixture, specOf } from './libraries.js';
import { SteadyLoad } from './steady-load.js';
import { Watch } from './watching.js';

/** Every new child costs a start of Node: a hundred of each fault is for where nobody waits. */
const RUNS = Number(process.env['BANYAN_FAULT_RUNS'] ?? 6);

const load = new SteadyLoad();
const folder = mkdtempSync(join(tmpdir(), 'banyan-faults-'));
const libraries = {
  faulty: { path: fixture('faulty'), echo: 'faulty_echo', free: 'free' },
  faults: { path: join(folder, 'libfaults.so'), echo: 'echo', free: 'free' },
  pooled: { path: join(folder, 'libpooled.so'), echo: 'pooled_echo', free: 'give_back' },
};
const HEAD = ['fault', 'runs', 'the faulty call', 'its neighbours answered', 'others answered', 'ms to next answer'];
const rows: string[][] = [];

beforeAll(async () => {
  compile('faults.c', folder, 'libfaults.so');
  compile('pooled.c', folder, 'libpooled.so');
  await load.start();
});

afterAll(async () => {
  await load.stop();
  rmSync(folder, { recursive: true });
  const title = `Each fault ${RUNS} times (BANYAN_FAULT_RUNS) without a rest, under calls of two other plugins`;
  // eslint-disable-next-line no-console -- what this file is there to show
  console.log(`${title}\n\n${tableOf(HEAD, rows)}`);
});

const named = FAULTS.map((fault) => [fault.title, fault] as const);

test.each(named)(`%s, ${RUNS} times, costs its own call alone`, { timeout: 300_000 }, async (_title, fault) => {
  const watch = new Watch();
  const { path, echo, free } = libraries[fault.library];
  const backend = await openNative({ backoff: { baseMs: 1, maxMs: 1 }, stuckMs: 20 })(
    specOf(
      path,
      { echo: buffer(echo), [fault.symbol]: buffer(fault.symbol) },
      { free, restarts: { max: 1_000_000, withinMs: 1_000, restMs: 1_000 } },
    ),
    watch.report,
  );
  const before = load.answered;
  const found = await run(fault, RUNS, backend, watch);
  // Some faults are over before anybody else has got an answer.
  await load.next();
  const others = load.answered - before;
  rows.push([
    fault.title,
    `${RUNS}`,
    [...found.ends].map(([end, times]) => (found.ends.size === 1 ? end : `${end} (${times})`)).join('; '),
    `${found.answered} of ${found.neighbours}${found.lost > 0 ? `, ${found.lost} had begun` : ''}`,
    `${others} of ${others + load.wrong.length}`,
    median(found.untilNext).toFixed(1),
  ]);
  expect(found.wrong).toEqual([]);
  expect(load.wrong).toEqual([]);
  expect(others).toBeGreaterThan(0);
  // The last call of a run is answered by a new process, whose start was reported before.
  if (fault.ends) expect(watch.restarts.length).toBeGreaterThanOrEqual(RUNS);
  else expect(watch.restarts).toEqual([]);
  await backend.close();
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
