import { expect, test } from 'vitest';
import type { LiveFunction } from '#src/domain/generation.js';
import type { RetireRule } from '#src/domain/plugin.js';
import type { EvidenceBook } from '#src/evidence/book.js';
import { compared, difference, folder, liveFunction, observation, opened, times } from './seen.js';

const RULE: RetireRule = { comparisons: 3_000, limit: 0.1, quietMs: 3_600_000 };
const HOUR = 3_600_000;

/** Calls that both sides ran, well and equally fast. */
function mirrored(book: EvidenceBook, live: LiveFunction, calls: number): void {
  times(calls, () => {
    book.observe(observation({ backend: 'legacy' }), live);
    book.observe(observation({ backend: 'wasm', role: 'shadow' }), live);
    book.compared(compared(live, 'match'));
  });
}

test('legacy may go once enough calls were alike and it has answered nobody for as long as asked for', async () => {
  const { book, clock } = await opened();
  const live = liveFunction();
  mirrored(book, live, 8_000);
  clock.now += HOUR - 1_000;
  expect(book.proof(live, RULE)).toEqual(['legacy answered a caller 59 min ago: 60 min without are asked for']);
  clock.now += 1_000;
  expect(book.proof(live, RULE)).toEqual([]);
});

test('each thing that is missing is told', async () => {
  const { book } = await opened();
  const live = liveFunction();
  mirrored(book, live, 1_000);
  const missing = book.proof(live, RULE);
  expect(missing).toHaveLength(4);
  expect(missing[0]).toBe('1,000 of the 3,000 comparisons that are asked for');
  expect(missing[1]).toMatch(
    /^mismatches: 0 mismatches in 1,000 comparisons: between 0 % and 0\.\d+ %, 0\.1 % are allowed$/,
  );
  expect(missing[2]).toMatch(/^failures: /);
  expect(missing[3]).toBe('legacy answered a caller 0 s ago: 60 min without are asked for');
});

test('nothing is proved of a function that nobody has called', async () => {
  const { book, clock } = await opened();
  const live = liveFunction();
  clock.now += 10 * HOUR;
  expect(book.proof(live, RULE)).toEqual([
    '0 of the 3,000 comparisons that are asked for',
    'mismatches: nothing has been compared yet',
    'failures: wasm has run no call yet',
  ]);
});

test('mismatches, failures or slowness of wasm stand against it', async () => {
  const { book, clock } = await opened();
  const differing = liveFunction({ name: 'differing' });
  mirrored(book, differing, 8_000);
  times(30, () => book.compared(compared(differing, 'mismatch', { differences: [difference('/total')] })));
  const failing = liveFunction({ name: 'failing' });
  mirrored(book, failing, 8_000);
  times(100, () => book.compared(compared(failing, 'wasm-failed')));
  const slow = liveFunction({ name: 'slow' });
  mirrored(book, slow, 8_000);
  times(8_000, () => book.observe(observation({ backend: 'wasm', callMs: 3 }), slow));
  clock.now += HOUR;
  for (const [live, gate] of [
    [differing, 'mismatches'],
    [failing, 'failures'],
    [slow, 'latency'],
  ] as const) {
    const [missing, ...more] = book.proof(live, RULE);
    expect(missing).toMatch(new RegExp(`^${gate}: `));
    expect(more).toEqual([]);
  }
});

test('after a restart, and for a new build, the time without legacy counts from where the gateway watches', async () => {
  const at = await folder();
  const first = await opened({ folder: at });
  mirrored(first.book, liveFunction(), 8_000);
  await first.book.close();
  const { book, clock } = await opened({ folder: at, at: first.clock.now + 5 * HOUR });
  const watching = 'this gateway has watched for 0 s whether legacy answers callers: 60 min without are asked for';
  expect(book.proof(liveFunction(), RULE)).toEqual([watching]);
  clock.now += HOUR;
  expect(book.proof(liveFunction(), RULE)).toEqual([]);
  // Legacy answers, and then comes a new build: nobody may think that this one has never needed it.
  book.observe(observation({ backend: 'legacy' }), liveFunction());
  expect(book.proof(liveFunction({ wasm: 'W2' }), RULE)).toContain(
    'legacy answered a caller 0 s ago: 60 min without are asked for',
  );
});

test('of a function whose calls may not run twice nothing can be proved', async () => {
  const { book, clock } = await opened();
  clock.now += 2 * HOUR;
  expect(book.proof(liveFunction({ spec: { effects: 'unsafe' } }), RULE)).toEqual([
    'nothing can be compared: calls of a function with `effects: unsafe` are not run twice',
  ]);
});

test('where there is no legacy, there is nothing to prove; where nothing can take its place, that is told', async () => {
  const { book } = await opened();
  expect(book.proof(liveFunction({ legacy: null }), RULE)).toEqual([]);
  expect(book.proof(liveFunction({ wasm: null }), RULE)).toEqual(['there is no wasm backend to answer in its place']);
});
