import { expect, test } from 'vitest';
import { DEFAULT_GATES } from '#src/domain/evidence.js';
import type { GateName, GateRules, GateVerdict } from '#src/domain/evidence.js';
import type { LiveFunction } from '#src/domain/generation.js';
import { SLICE_MS } from '#src/evidence/alongside.js';
import type { Opened } from './seen.js';
import { compared, difference, liveFunction, observation, opened, randomOf, times } from './seen.js';

const ONLY_MISMATCHES: GateRules = { ...DEFAULT_GATES, failures: null, latency: null };
const ONLY_FAILURES: GateRules = { ...DEFAULT_GATES, mismatches: null, latency: null };
const ONLY_LATENCY: GateRules = { ...DEFAULT_GATES, mismatches: null, failures: null };

/** After the slice of time has ended in which the calls so far were made. */
function verdictOf(
  { book, clock }: Opened,
  live: LiveFunction,
  gate: GateName,
  rules: GateRules = DEFAULT_GATES,
): GateVerdict {
  clock.now += SLICE_MS;
  return book.gates(live, rules).find((verdict) => verdict.gate === gate)!;
}

function mismatch(live: LiveFunction) {
  return compared(live, 'mismatch', { differences: [difference('/total')] });
}

test('without data every gate is inconclusive and says what is missing', async () => {
  const { book } = await opened();
  const verdicts = book.gates(liveFunction(), DEFAULT_GATES);
  expect(
    verdicts.map(({ gate, verdict, estimate, samples, detail }) => [gate, verdict, estimate, samples, detail]),
  ).toEqual([
    ['mismatches', 'inconclusive', null, 0, 'nothing has been compared yet'],
    ['failures', 'inconclusive', null, 0, 'wasm has run no call yet'],
    ['latency', 'inconclusive', null, 0, 'wasm has run no call yet'],
  ]);
});

test('a gate that is not asked for gives no verdict', async () => {
  const { book } = await opened();
  expect(book.gates(liveFunction(), ONLY_LATENCY).map(({ gate }) => gate)).toEqual(['latency']);
});

test('4,000 matches pass a limit of 0.1 %, 3,000 do not yet', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  times(3_000, () => book.compared(compared(live, 'match')));
  expect(verdictOf(at, live, 'mismatches', ONLY_MISMATCHES).verdict).toBe('inconclusive');
  times(1_000, () => book.compared(compared(live, 'match')));
  const { detail, ...passed } = verdictOf(at, live, 'mismatches', ONLY_MISMATCHES);
  expect(passed).toMatchObject({ verdict: 'pass', estimate: 0, lower: 0, limit: 0.1, samples: 4_000 });
  expect(passed.upper).toBeLessThan(0.1);
  expect(detail).toBe('0 mismatches in 4,000 comparisons: at most 0.0947 %, 0.1 % are allowed');
});

test('alpha is shared out: beside two other gates the same matches are not enough', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  times(4_000, () => book.compared(compared(live, 'match')));
  expect(verdictOf(at, live, 'mismatches').verdict).toBe('inconclusive');
  times(1_500, () => book.compared(compared(live, 'match')));
  expect(verdictOf(at, live, 'mismatches').verdict).toBe('pass');
});

test('eight mismatches in a thousand fail a limit of 0.1 %', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  times(1_000, () => book.compared(compared(live, 'match')));
  times(8, () => book.compared(mismatch(live)));
  const failed = verdictOf(at, live, 'mismatches', ONLY_MISMATCHES);
  expect(failed.verdict).toBe('fail');
  expect(failed.lower).toBeGreaterThan(0.1);
  expect(failed.detail).toMatch(/^8 mismatches in 1,008 comparisons: at least 0\.\d+ %, 0\.1 % are allowed$/);
});

test('calls at which what compares failed are no mismatches, and too many of them do not pass', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  times(10, () => book.dropped(live, 'comparer-failed'));
  expect(verdictOf(at, live, 'mismatches', ONLY_MISMATCHES)).toMatchObject({
    verdict: 'inconclusive',
    samples: 0,
    detail: 'nothing could be compared: what compares failed at 10 calls, the log says why',
  });
  times(4_000, () => book.compared(compared(live, 'match')));
  expect(verdictOf(at, live, 'mismatches', ONLY_MISMATCHES)).toMatchObject({
    verdict: 'inconclusive',
    estimate: 0,
    samples: 4_000,
    detail:
      '0 mismatches in 4,000 comparisons: between 0 % and 0.0947 %, 0.1 % are allowed; what compares failed at 10 more calls, which may differ',
  });
  // As many comparisons as would do if each of the ten were a mismatch.
  times(36_000, () => book.compared(compared(live, 'match')));
  expect(verdictOf(at, live, 'mismatches', ONLY_MISMATCHES)).toMatchObject({ verdict: 'pass', samples: 40_000 });
});

test('calls that were dropped whatever they were answered do not keep a gate from passing', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  times(10_000, () => book.dropped(live, 'busy'));
  times(10_000, () => book.dropped(live, 'comparer-unavailable'));
  times(4_000, () => book.compared(compared(live, 'match')));
  expect(verdictOf(at, live, 'mismatches', ONLY_MISMATCHES).verdict).toBe('pass');
});

test('a limit of zero is failed by the first mismatch, and passed by no number of matches', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  const zero = { ...ONLY_MISMATCHES, mismatches: { limit: 0 } };
  times(100_000, () => book.compared(compared(live, 'match')));
  expect(verdictOf(at, live, 'mismatches', zero)).toMatchObject({
    verdict: 'inconclusive',
    detail:
      '0 mismatches in 100,000 comparisons, but no number of comparisons proves that none will come: a limit above 0 can be passed',
  });
  book.compared(mismatch(live));
  expect(verdictOf(at, live, 'mismatches', zero)).toMatchObject({
    verdict: 'fail',
    detail: '1 mismatch in 100,001 comparisons, and none is allowed',
  });
});

test('calls that one side could not run for want of room say nothing about mismatches', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  const overloaded = { code: 'overloaded', detail: 'the queue is full', retryAfterMs: 1_000 } as const;
  const late = { code: 'timeout', detail: 'too late', begun: false } as const;
  times(10_000, () => book.compared(compared(live, 'both-failed', { legacy: overloaded, wasm: overloaded })));
  times(100, () => book.compared(compared(live, 'mismatch', { legacy: late, wasm: overloaded })));
  expect(verdictOf(at, live, 'mismatches')).toMatchObject({ verdict: 'inconclusive', samples: 0 });
  expect(book.counts(live)).toMatchObject({ comparisons: { 'both-failed': 10_000, mismatch: 100 }, held: 0 });
});

test('a function whose calls may not run twice is told to be incomparable', async () => {
  const at = await opened();
  const live = liveFunction({ spec: { effects: 'unsafe' } });
  expect(verdictOf(at, live, 'mismatches').detail).toBe(
    'nothing can be compared: calls of a function with `effects: unsafe` are not run twice',
  );
});

test('wasm passes that fails on the very calls on which legacy fails, however often that is', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  for (let call = 0; call < 8_000; call++) {
    const outcome = call % 10 === 0 ? 'plugin-error' : 'ok';
    book.observe(observation({ backend: 'legacy', outcome }), live);
    book.observe(observation({ backend: 'wasm', role: 'shadow', outcome }), live);
    book.compared(compared(live, outcome === 'ok' ? 'match' : 'both-failed'));
  }
  const passed = verdictOf(at, live, 'failures', ONLY_FAILURES);
  expect(passed).toMatchObject({ verdict: 'pass', estimate: 0, limit: 0.1 });
  expect(passed.upper).toBeLessThan(0.1);
});

test('wasm fails that fails one call in fifty where legacy fails none, mirrored or not', async () => {
  const at = await opened();
  const { book } = at;
  const mirrored = liveFunction({ name: 'mirrored' });
  const apart = liveFunction({ name: 'apart' });
  for (let call = 0; call < 2_000; call++) {
    const failed = call % 50 === 0;
    book.compared(compared(mirrored, failed ? 'wasm-failed' : 'match'));
    book.observe(observation({ backend: 'wasm', outcome: failed ? 'trapped' : 'ok' }), apart);
    book.observe(observation({ backend: 'legacy' }), apart);
  }
  for (const live of [mirrored, apart]) {
    const failed = verdictOf(at, live, 'failures', ONLY_FAILURES);
    expect(failed.verdict).toBe('fail');
    expect(failed.estimate).toBeCloseTo(2, 1);
    expect(failed.lower).toBeGreaterThan(0.1);
  }
});

test('who hung up, was turned away or asked wrongly is no failure, and neither is what was never handed over', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  const legacyRuns = () => times(1_000, () => book.observe(observation({ backend: 'legacy' }), live));
  legacyRuns();
  times(1_000, () => book.observe(observation({ backend: 'wasm' }), live));
  const before = verdictOf(at, live, 'failures');
  for (const outcome of ['cancelled', 'overloaded', 'bad-request'] as const) {
    times(500, () => book.observe(observation({ backend: 'wasm', outcome }), live));
  }
  times(500, () => book.observe(observation({ backend: 'wasm', outcome: 'timeout', callMs: null }), live));
  expect(verdictOf(at, live, 'failures')).toEqual(before);
  legacyRuns();
  times(500, () => book.observe(observation({ backend: 'wasm', outcome: 'timeout', callMs: 500 }), live));
  expect(verdictOf(at, live, 'failures').verdict).toBe('fail');
});

test('what legacy did long before wasm ran its first call is not what wasm is held against', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  times(10_000, () => book.observe(observation({ backend: 'legacy', outcome: 'crashed' }), live));
  at.clock.now += 600_000;
  times(1_000, () => book.observe(observation({ backend: 'wasm' }), live));
  expect(verdictOf(at, live, 'failures')).toMatchObject({
    verdict: 'inconclusive',
    detail: 'legacy and wasm have run no calls at the same time yet, and others are not held against each other',
  });
});

test('calls that legacy answers in the place of wasm do not make legacy look bad', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  times(2_000, () => {
    book.observe(observation({ backend: 'wasm', outcome: 'plugin-error' }), live);
    book.observe(observation({ backend: 'legacy', role: 'fallback', outcome: 'plugin-error' }), live);
    book.observe(observation({ backend: 'legacy' }), live);
  });
  expect(verdictOf(at, live, 'failures')).toMatchObject({ verdict: 'fail', estimate: 100 });
});

test('wasm passes that is somewhat slower than legacy, and fails that is twice as slow', async () => {
  const at = await opened();
  const { book } = at;
  const random = randomOf(7);
  for (const [name, factor, verdict] of [
    ['somewhat', 1.2, 'pass'],
    ['twice', 2, 'fail'],
  ] as const) {
    const live = liveFunction({ name });
    times(20_000, () => {
      book.observe(observation({ backend: 'legacy', callMs: 1 + random() }), live);
      book.observe(observation({ backend: 'wasm', role: 'shadow', callMs: factor * (1 + random()) }), live);
    });
    const told = verdictOf(at, live, 'latency');
    expect(told).toMatchObject({ verdict, limit: 1.5, samples: 40_000 });
    expect(told.lower).toBeLessThanOrEqual(factor);
    expect(told.upper).toBeGreaterThanOrEqual(factor);
    expect(told.detail).toContain('p99 of wasm is');
  }
});

test('a few calls say nothing about the slowest hundredth', async () => {
  const at = await opened();
  const { book } = at;
  const live = liveFunction();
  times(200, () => {
    book.observe(observation({ backend: 'legacy', callMs: 1 }), live);
    book.observe(observation({ backend: 'wasm', callMs: 1 }), live);
  });
  expect(verdictOf(at, live, 'latency')).toMatchObject({ verdict: 'inconclusive', upper: null });
});

test('a p90 just over the allowed ratio is passed in one of twenty rollouts at most, at whatever time one looks', async () => {
  const at = await opened();
  const { book } = at;
  const rules: GateRules = { ...ONLY_LATENCY, latency: { quantile: 0.9, ratio: 1.5 } };
  const rollouts = 150;
  let wrong = 0;
  for (let rollout = 0; rollout < rollouts; rollout++) {
    const random = randomOf(rollout + 1);
    const exponential = (): number => -Math.log(1 - random());
    const live = liveFunction({ wasm: `W${rollout}` });
    for (let call = 1; call <= 2_000; call++) {
      book.observe(observation({ backend: 'legacy', callMs: exponential() }), live);
      book.observe(observation({ backend: 'wasm', callMs: 1.53 * exponential() }), live);
      if (call % 20 !== 0 || verdictOf(at, live, 'latency', rules).verdict !== 'pass') continue;
      wrong += 1;
      break;
    }
  }
  expect(wrong / rollouts).toBeLessThanOrEqual(0.05);
});

test('looking at gates again, without anything new, answers the same verdicts', async () => {
  const { book } = await opened();
  const live = liveFunction();
  times(10, () => book.compared(mismatch(live)));
  expect(book.gates(live, DEFAULT_GATES)).toBe(book.gates(live, DEFAULT_GATES));
  const before = book.gates(live, DEFAULT_GATES);
  book.compared(mismatch(live));
  expect(book.gates(live, DEFAULT_GATES)).not.toEqual(before);
});
