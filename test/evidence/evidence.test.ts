import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { functionEvidenceView } from '#src/schema/evidence.js';
import { compared, difference, folder, liveFunction, NOON, observation, opened, REPLY, times } from './seen.js';

test('calls are counted by backend and role, and what was not ok by code', async () => {
  const { book, clock } = await opened();
  const live = liveFunction();
  book.observe(observation({ backend: 'legacy' }), live);
  book.observe(observation({ backend: 'wasm', role: 'shadow' }), live);
  book.observe(observation({ backend: 'wasm', role: 'shadow', outcome: 'trapped' }), live);
  clock.now += 1_000;
  book.observe(observation({ backend: 'legacy', role: 'fallback', outcome: 'timeout', callMs: null }), live);
  const { current, older } = await book.view(live);
  expect(older).toEqual([]);
  expect(current).toMatchObject({
    digests: { legacy: 'L1', wasm: 'W1', compare: 'C1' },
    since: '2026-11-22T12:00:00.000Z',
    updated: '2026-11-22T12:00:01.000Z',
    calls: { legacy: { primary: 1, shadow: 0, fallback: 1 }, wasm: { primary: 0, shadow: 2, fallback: 0 } },
    errors: { legacy: { timeout: 1 }, wasm: { trapped: 1 } },
  });
  expect(book.counts(live).legacyAnsweredAt).toBe(NOON + 1_000);
});

test('a call that its caller gave up, or that found no room, is none in which wasm answered or failed', async () => {
  const { book } = await opened();
  const live = liveFunction();
  for (const outcome of [
    'ok',
    'plugin-error',
    'trapped',
    'timeout',
    'overloaded',
    'cancelled',
    'bad-request',
  ] as const) {
    for (const role of ['primary', 'shadow'] as const)
      book.observe(observation({ backend: 'wasm', role, outcome }), live);
  }
  book.observe(observation({ backend: 'legacy' }), live);
  expect(book.counts(live).endedByWasm).toBe(8);
});

test('execution and queueing are told apart; wasm is timed in the shadow, too, but its waiting there is not', async () => {
  const { book } = await opened();
  const live = liveFunction();
  times(100, () => book.observe(observation({ backend: 'wasm', role: 'shadow', queueMs: 900, callMs: 2 }), live));
  times(100, () => book.observe(observation({ backend: 'wasm', role: 'primary', queueMs: 5, callMs: 4 }), live));
  book.observe(observation({ backend: 'wasm', role: 'primary', queueMs: 80, callMs: null, outcome: 'timeout' }), live);
  const { latency } = (await book.view(live)).current;
  expect(latency.legacy).toEqual({ execution: null, queue: null });
  expect(latency.wasm.execution).toMatchObject({ samples: 200 });
  expect(latency.wasm.execution?.p50).toBeCloseTo(2, 1);
  expect(latency.wasm.execution?.p99).toBeCloseTo(4, 1);
  expect(latency.wasm.queue).toMatchObject({ samples: 101 });
  expect(latency.wasm.queue?.p50).toBeCloseTo(5, 1);
  expect(latency.wasm.queue?.p999).toBeCloseTo(80, -1);
});

test('another digest of either artefact, or of the rule, starts from nothing; the old evidence stays to be read', async () => {
  const { book, clock } = await opened();
  const first = liveFunction();
  times(3, () => book.compared(compared(first, 'match')));
  for (const next of [
    liveFunction({ legacy: 'L2' }),
    liveFunction({ wasm: 'W2' }),
    liveFunction({ spec: { compareDigest: 'C2' } }),
    liveFunction({ wasm: null }),
  ]) {
    expect(book.counts(next).comparisons.match).toBe(0);
    expect((await book.view(next)).current.since).toBeNull();
    expect((await book.view(next)).older[0]?.digests).toEqual({ legacy: 'L1', wasm: 'W1', compare: 'C1' });
  }
  clock.now += 60_000;
  const second = liveFunction({ wasm: 'W2' });
  book.compared(compared(second, 'mismatch'));
  expect(await book.view(second)).toMatchObject({
    current: { comparisons: { match: 0, mismatch: 1 } },
    older: [{ digests: { wasm: 'W1' }, comparisons: { match: 3, mismatch: 0 } }],
  });
});

test('a generation that brings the same artefacts again goes on counting where the last one stopped', async () => {
  const { book } = await opened();
  book.observe(observation(), liveFunction());
  const next = liveFunction();
  book.observe(observation(), next);
  expect(book.counts(next).calls.wasm.primary).toBe(2);
});

test('a function that was never called has no evidence, in memory or on disk, however often it is looked at', async () => {
  const at = await folder();
  const { book } = await opened({ folder: at });
  const live = liveFunction({ name: 'idle' });
  book.observe(observation(), liveFunction({ name: 'busy' }));
  book.gates(live, { mismatches: { limit: 0.1 }, failures: null, latency: null, alpha: 5 });
  book.proof(live, live.spec.retire);
  expect((await book.view(live)).current).toMatchObject({ since: null, updated: null, gates: [{}, {}, {}] });
  await book.save();
  expect((await readdir(at)).map((file) => file.split('+')[1])).toEqual(['busy']);
});

test('mismatches are grouped by place, whatever the index, and by kind', async () => {
  const { book } = await opened();
  const live = liveFunction();
  const differences = [difference('/items/0/price'), difference('/items/7/price'), difference('/total', 'type')];
  book.compared(compared(live, 'mismatch', { differences }));
  book.compared(compared(live, 'mismatch', { differences: [difference('/items/3/price')] }));
  expect((await book.view(live)).current.mismatches).toMatchObject({
    held: 2,
    groups: [
      { place: '/items/*/price', kind: 'value', count: 2, noise: false },
      { place: '/total', kind: 'type', count: 1, noise: false },
    ],
    omitted: 0,
  });
});

test('a place where legacy differs from itself is not held against wasm, from then on and before', async () => {
  const { book } = await opened();
  const live = liveFunction();
  const stamped = compared(live, 'mismatch', { differences: [difference('/generatedAt')] });
  const wrong = compared(live, 'mismatch', { differences: [difference('/generatedAt'), difference('/total')] });
  book.compared(stamped);
  book.compared(wrong);
  expect(book.counts(live).held).toBe(2);
  book.noise({ live, differences: [] });
  book.noise({ live, differences: [difference('/generatedAt')] });
  expect(book.counts(live).held).toBe(1);
  book.compared(stamped);
  expect(book.counts(live)).toMatchObject({ held: 1, comparisons: { mismatch: 3 } });
  expect((await book.view(live)).current).toMatchObject({
    mismatches: {
      held: 1,
      noise: 2,
      unjudged: 0,
      groups: [
        { place: '/generatedAt', noise: true },
        { place: '/total', noise: false },
      ],
    },
    noise: {
      runs: 2,
      differing: 1,
      groups: [{ place: '/generatedAt', kind: 'value', count: 1 }],
      ignore: ['/generatedAt'],
    },
    bounds: { mismatches: { samples: 3 } },
  });
});

test('a value that changes excuses no other type and no absence at its place', async () => {
  const { book } = await opened();
  const live = liveFunction();
  book.noise({ live, differences: [difference('/generatedAt', 'value')] });
  for (const kind of ['type', 'missing'] as const) {
    book.compared(compared(live, 'mismatch', { differences: [difference('/generatedAt', kind)] }));
  }
  expect(book.counts(live).held).toBe(2);
  // Which of two runs has something more is chance.
  book.noise({ live, differences: [difference('/generatedAt', 'extra')] });
  expect(book.counts(live).held).toBe(1);
});

test('what is not told whole, or where a side failed, is never taken for noise', async () => {
  const { book } = await opened();
  const live = liveFunction();
  book.noise({ live, differences: [difference('/a'), difference('')] });
  book.compared(compared(live, 'mismatch', { differences: [difference('/a')], omitted: 3 }));
  book.compared(
    compared(live, 'mismatch', { differences: [difference('')], wasm: { code: 'trapped', detail: 'unreachable' } }),
  );
  book.compared(compared(live, 'mismatch'));
  expect(book.counts(live).held).toBe(3);
});

test('where legacy never answers the same twice, comparisons are neither for wasm nor against it', async () => {
  const { book } = await opened();
  const live = liveFunction();
  book.noise({ live, differences: [difference('')] });
  times(5_000, () => book.compared(compared(live, 'mismatch', { differences: [difference('')] })));
  const { mismatches, bounds, gates, noise } = (await book.view(live)).current;
  expect(mismatches).toMatchObject({ held: 0, noise: 5_000, unjudged: 5_000 });
  expect(bounds.mismatches.samples).toBe(0);
  expect(noise.ignore).toEqual([]);
  expect(gates[0]).toMatchObject({ verdict: 'inconclusive' });
  expect(gates[0]?.detail).toContain('one that it does not give twice');
});

test('what to ignore is told once, by the outermost place, and order apart', async () => {
  const { book } = await opened();
  const live = liveFunction();
  const differences = [
    difference('/meta/at'),
    difference('/meta', 'length'),
    difference('/metadata'),
    difference('/tags', 'order'),
  ];
  book.noise({ live, differences });
  expect((await book.view(live)).current.noise).toMatchObject({ ignore: ['/meta', '/metadata'], unordered: ['/tags'] });
});

test('a thousand places take no more room than the first ones, and nothing beyond them is excused', async () => {
  const { book } = await opened();
  const live = liveFunction();
  for (let user = 0; user < 1_000; user++) {
    const differences = [difference(`/users/u${user}`)];
    book.compared(compared(live, 'mismatch', { differences }));
    book.noise({ live, differences });
  }
  const { mismatches, noise } = (await book.view(live)).current;
  expect(mismatches.groups).toHaveLength(128);
  expect(mismatches.omitted).toBe(872);
  expect(noise.groups).toHaveLength(64);
  expect(mismatches.held + mismatches.noise).toBe(1_000);
  expect(mismatches.noise).toBe(64);
});

test('calls have their turn while one build after the other is judged', async () => {
  const { book } = await opened();
  for (let build = 1; build <= 20; build++) book.observe(observation(), liveFunction({ wasm: `W${build}` }));
  const live = liveFunction({ wasm: 'W20' });
  let isShown = false;
  const shown = book.view(live).finally(() => (isShown = true));
  let turns = 0;
  while (!isShown) {
    book.observe(observation(), live);
    turns += 1;
    await setImmediate();
  }
  expect(turns).toBeGreaterThanOrEqual(19);
  expect((await shown).current.calls.wasm.primary).toBeGreaterThanOrEqual(19);
});

test('what is told of evidence is what the schema says', async () => {
  const { book } = await opened();
  const live = liveFunction();
  book.observe(observation({ outcome: 'crashed' }), live);
  book.compared(compared(live, 'mismatch', { differences: [difference('/a')], legacy: REPLY }));
  const view = await book.view(live);
  expect(functionEvidenceView.parse(JSON.parse(JSON.stringify(view)))).toEqual(view);
});

test('an output that is itself in another order each time is proposed as one without order, and not to be ignored', async () => {
  const { book } = await opened();
  const live = liveFunction();
  book.noise({ live, differences: [difference('', 'order'), difference('/0/tags', 'order')] });
  book.noise({ live, differences: [difference('', 'value')] });
  expect((await book.view(live)).current.noise).toMatchObject({ ignore: [], unordered: [''] });
});
