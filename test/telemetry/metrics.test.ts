import { expect, test } from 'vitest';
import { Registry } from 'prom-client';
import type { Observation } from '#src/domain/observation.js';
import { BUCKET_BOUNDS } from '#src/telemetry/buckets.js';
import * as catalogue from '#src/telemetry/catalogue.js';
import { createMetrics } from '#src/telemetry/metrics.js';
import type { Metrics } from '#src/telemetry/metrics.js';
import { parseExposition, samplesOf } from './exposition-parser.js';
import { generationOf } from './generation-of.js';
import { tripped } from '../trips.js';

const CALL: Observation = {
  plugin: 'vowels',
  function: 'count',
  backend: 'legacy',
  role: 'primary',
  outcome: 'ok',
  again: false,
  hadItsTime: true,
  queueMs: 0.02,
  callMs: 0.3,
};

const COUNT = { vowels: { functions: { count: { stage: { stage: 'legacy' } } } } } as const;

function fresh(): Metrics {
  return createMetrics({ version: '1.2.3' });
}

async function lines(metrics: Metrics, start: string): Promise<string[]> {
  const { body } = await metrics.render();
  parseExposition(body, 'text');
  return body.split('\n').filter((line) => line.startsWith(start));
}

async function value(metrics: Metrics, series: string): Promise<number | undefined> {
  const [line] = await lines(metrics, `${series} `);
  return line === undefined ? undefined : Number(line.slice(series.length));
}

const OF_COUNT = 'plugin="vowels",function="count",backend="legacy",role="primary"';

test('a call is counted once: in its outcome, its duration and its time in the queue', async () => {
  const metrics = fresh();
  metrics.observe(CALL);
  expect(await value(metrics, `banyan_calls_total{outcome="ok",${OF_COUNT}}`)).toBe(1);
  expect(await value(metrics, `banyan_call_duration_seconds_count{${OF_COUNT}}`)).toBe(1);
  expect(await value(metrics, `banyan_call_duration_seconds_sum{${OF_COUNT}}`)).toBeCloseTo(0.0003, 12);
  expect(await value(metrics, 'banyan_queue_duration_seconds_count{plugin="vowels",backend="legacy"}')).toBe(1);
  expect(await value(metrics, 'banyan_queue_duration_seconds_sum{plugin="vowels",backend="legacy"}')).toBeCloseTo(
    0.00002,
    12,
  );
});

test('a call that was never handed over has an outcome and a time in the queue, and no duration', async () => {
  const metrics = fresh();
  metrics.observe({ ...CALL, outcome: 'timeout', queueMs: 500, callMs: null });
  expect(await value(metrics, `banyan_calls_total{outcome="timeout",${OF_COUNT}}`)).toBe(1);
  expect(await lines(metrics, 'banyan_call_duration_seconds')).toEqual([]);
  expect(await value(metrics, 'banyan_queue_duration_seconds_count{plugin="vowels",backend="legacy"}')).toBe(1);
});

test('a call refused because the queue is full does not make the queue look fast', async () => {
  const metrics = fresh();
  metrics.observe({ ...CALL, outcome: 'overloaded', queueMs: 0.001, callMs: null });
  expect(await value(metrics, `banyan_calls_total{outcome="overloaded",${OF_COUNT}}`)).toBe(1);
  expect(await lines(metrics, 'banyan_queue_duration_seconds')).toEqual([]);
});

test('buckets reach from 50 µs to 10 s, and a duration on a bound is within it', async () => {
  expect(BUCKET_BOUNDS[0]).toBe(0.00005);
  expect(BUCKET_BOUNDS.at(-1)).toBe(10);
  const metrics = fresh();
  const durations = [0, ...BUCKET_BOUNDS.map((seconds) => seconds * 1_000), 60_000];
  for (const callMs of durations) metrics.observe({ ...CALL, callMs });
  const buckets = await lines(metrics, 'banyan_call_duration_seconds_bucket');
  expect(buckets.map((line) => Number(line.split(' ').at(-1)))).toEqual([
    ...BUCKET_BOUNDS.map((_, at) => at + 2),
    durations.length,
  ]);
  expect(buckets[0]).toContain('le="5e-05"');
  expect(buckets.at(-1)).toContain('le="+Inf"');
});

test('series grow in number without losing a count', async () => {
  const metrics = fresh();
  for (let round = 1; round <= 3; round++) {
    for (let plugin = 0; plugin < 100; plugin++) {
      for (const backend of ['legacy', 'wasm'] as const) metrics.observe({ ...CALL, plugin: `p${plugin}`, backend });
    }
  }
  const counts = await lines(metrics, 'banyan_call_duration_seconds_count');
  expect(counts).toHaveLength(200);
  expect(new Set(counts.map((line) => line.split(' ').at(-1)))).toEqual(new Set(['3']));
  const ok = (await lines(metrics, 'banyan_calls_total{outcome="ok"')).map((line) => line.split(' ').at(-1));
  expect(ok).toEqual(counts.map(() => '3'));
});

test('sides and roles of one function are counted apart', async () => {
  const metrics = fresh();
  for (const backend of ['legacy', 'wasm'] as const) {
    for (const role of ['primary', 'shadow', 'fallback'] as const) metrics.observe({ ...CALL, backend, role });
  }
  const counts = await lines(metrics, 'banyan_call_duration_seconds_count');
  expect(counts).toHaveLength(6);
  expect(counts.every((line) => line.endsWith(' 1'))).toBe(true);
});

test('once a function is called, each outcome that a call can have stands there as 0, so that its first one shows', async () => {
  const metrics = fresh();
  metrics.observe(CALL);
  expect(await value(metrics, `banyan_calls_total{outcome="crashed",${OF_COUNT}}`)).toBe(0);
  expect(await value(metrics, `banyan_calls_total{outcome="unknown-plugin",${OF_COUNT}}`)).toBeUndefined();
});

test('a function that nobody calls leaves out its histogram and its counters', async () => {
  const metrics = fresh();
  metrics.useGeneration(() => generationOf(1, COUNT));
  expect(await lines(metrics, 'banyan_call_')).toEqual([]);
  expect(await lines(metrics, 'banyan_calls_total')).toEqual([]);
  expect(await lines(metrics, 'banyan_queue')).toEqual([]);
});

test('calls in flight are those that hold a backend at the moment of the scrape', async () => {
  const metrics = fresh();
  const generation = generationOf(1, COUNT);
  metrics.useGeneration(() => generation);
  const wasm = generation.plugins.get('vowels')?.wasm;
  wasm?.acquire();
  wasm?.acquire();
  wasm?.release();
  expect(await lines(metrics, 'banyan_calls_in_flight')).toEqual([
    'banyan_calls_in_flight{plugin="vowels",backend="legacy"} 0',
    'banyan_calls_in_flight{plugin="vowels",backend="wasm"} 1',
  ]);
});

test('gauges follow the generation from one scrape to the next', async () => {
  const metrics = fresh();
  let generation = generationOf(7, {
    vowels: { functions: { count: { stage: { stage: 'legacy' } } }, wasm: { state: 'loading' } },
  });
  metrics.useGeneration(() => generation);
  expect(await lines(metrics, 'banyan_route')).toEqual([
    'banyan_route_percent{plugin="vowels",function="count"} 0',
    'banyan_route_stage{plugin="vowels",function="count",stage="legacy"} 1',
    'banyan_route_tripped{plugin="vowels",function="count"} 0',
  ]);
  expect(await lines(metrics, 'banyan_backend_up')).toEqual([
    'banyan_backend_up{plugin="vowels",backend="legacy",kind="native"} 1',
    'banyan_backend_up{plugin="vowels",backend="wasm",kind="wasm"} 0',
  ]);
  expect(await value(metrics, 'banyan_config_revision')).toBe(7);

  const canary = { stage: 'canary', percent: 12.5, sample: 0, allow: [], fallback: false } as const;
  generation = generationOf(8, { vowels: { functions: { count: { stage: canary } } } });
  expect(await lines(metrics, 'banyan_route')).toEqual([
    'banyan_route_percent{plugin="vowels",function="count"} 12.5',
    'banyan_route_stage{plugin="vowels",function="count",stage="canary"} 1',
    'banyan_route_tripped{plugin="vowels",function="count"} 0',
  ]);
  expect(await value(metrics, 'banyan_config_revision')).toBe(8);
});

test.each([
  [{ state: 'ready', pids: [], halfOpen: true }, 1],
  [{ state: 'backing-off', until: 0, cause: 'crash' }, 0],
  [{ state: 'tripped', since: 0, until: 0, cause: 'crash' }, 0],
  [{ state: 'refused', problems: [] }, 0],
  [{ state: 'unloaded' }, 0],
] as const)('a backend that is %j is up: %i', async (legacy, up) => {
  const metrics = fresh();
  metrics.useGeneration(() => generationOf(1, { vowels: { functions: {}, legacy } }));
  expect(await value(metrics, 'banyan_backend_up{plugin="vowels",backend="legacy",kind="native"}')).toBe(up);
});

test('a trip shows in the share and in a gauge of its own, and leaves the stage as the operator set it', async () => {
  const metrics = fresh();
  const wasm = { stage: 'wasm', sample: 0, fallback: false } as const;
  metrics.useGeneration(() =>
    generationOf(1, { vowels: { functions: { count: { stage: wasm, tripped: tripped() } } } }),
  );
  expect(await lines(metrics, 'banyan_route')).toEqual([
    'banyan_route_percent{plugin="vowels",function="count"} 0',
    'banyan_route_stage{plugin="vowels",function="count",stage="wasm"} 1',
    'banyan_route_tripped{plugin="vowels",function="count"} 1',
  ]);
});

test('a removed plugin leaves no series behind, and goes on counting when it returns', async () => {
  const metrics = fresh();
  let generation = generationOf(1, COUNT);
  metrics.useGeneration(() => generation);
  metrics.observe(CALL);
  metrics.countRestart('vowels', 'legacy', 'SIGSEGV');

  generation = generationOf(2, {});
  const { body } = await metrics.render();
  expect(body).not.toContain('vowels');

  generation = generationOf(3, COUNT);
  metrics.observe(CALL);
  expect(await value(metrics, `banyan_calls_total{outcome="ok",${OF_COUNT}}`)).toBe(2);
});

test('restarts are counted by their cause, and a cause that is a sentence counts as other', async () => {
  const metrics = fresh();
  metrics.countRestart('faulty', 'legacy', 'SIGSEGV');
  metrics.countRestart('faulty', 'legacy', 'SIGSEGV');
  metrics.countRestart('faulty', 'legacy', 'exit code 3 after "bad input"');
  expect(await lines(metrics, 'banyan_backend_restarts_total')).toEqual([
    'banyan_backend_restarts_total{plugin="faulty",backend="legacy",cause="SIGSEGV"} 2',
    'banyan_backend_restarts_total{plugin="faulty",backend="legacy",cause="other"} 1',
  ]);
});

test("what guests ask the network for is counted by plugin and outcome, with each outcome's 0 beside the first", async () => {
  const metrics = fresh();
  metrics.countEgress('shop', 'answered', 20);
  metrics.countEgress('shop', 'answered', 40);
  metrics.countEgress('shop', 'denied', 0.1);
  metrics.countEgress('other', 'too-large', 1);
  expect(await lines(metrics, 'banyan_egress_requests_total{plugin="shop"')).toEqual(
    [
      ['answered', 2],
      ['denied', 1],
      ['invalid', 0],
      ['failed', 0],
      ['timeout', 0],
      ['too-large', 0],
      ['given-up', 0],
    ].map(([outcome, count]) => `banyan_egress_requests_total{plugin="shop",outcome="${outcome}"} ${count}`),
  );
  expect(await value(metrics, 'banyan_egress_duration_seconds_count{plugin="shop"}')).toBe(3);
  expect(await value(metrics, 'banyan_egress_duration_seconds_count{plugin="other"}')).toBe(1);
});

test('flips, responses and the latest apply are counted', async () => {
  const metrics = fresh();
  metrics.countFlip('accepted');
  metrics.countFlip('precondition-failed');
  metrics.countHttp('data', 200);
  metrics.countHttp('data', 200);
  metrics.countHttp('admin', 412);
  expect(await value(metrics, 'banyan_flips_total{result="accepted"}')).toBe(1);
  expect(await value(metrics, 'banyan_flips_total{result="conflict"}')).toBe(0);
  expect(await lines(metrics, 'banyan_http_requests_total')).toEqual([
    'banyan_http_requests_total{listener="data",status="200"} 2',
    'banyan_http_requests_total{listener="admin",status="412"} 1',
  ]);
  expect(await value(metrics, 'banyan_config_last_apply_success')).toBe(1);
  metrics.noteApply(false);
  expect(await value(metrics, 'banyan_config_last_apply_success')).toBe(0);
});

test('every metric of the catalogue is exposed with its type and exactly its labels', async () => {
  const metrics = fresh();
  metrics.useGeneration(() => generationOf(1, COUNT));
  metrics.observe(CALL);
  metrics.countRestart('vowels', 'legacy', 'SIGSEGV');
  metrics.countEgress('vowels', 'answered', 2);
  metrics.countComparison('vowels', 'count', 'match');
  metrics.countDropped('vowels', 'count', 'busy');
  metrics.countFallback('vowels', 'count', 'trapped');
  metrics.countHttp('data', 200);
  const families = parseExposition((await metrics.render()).body, 'text');
  for (const definition of Object.values(catalogue)) {
    const family = families.get(definition.name);
    expect(family?.type, definition.name).toBe(definition.type);
    expect(family?.samples.length, definition.name).toBeGreaterThan(0);
    for (const { labels } of family?.samples ?? []) {
      expect(
        Object.keys(labels)
          .filter((label) => label !== 'le')
          .sort(),
      ).toEqual([...definition.labels].sort());
    }
  }
});

test('the process and the versions are in the same scrape, and an injected registry holds it all', async () => {
  const registry = new Registry();
  const metrics = createMetrics({ version: '1.2.3', registry });
  const names = samplesOf(parseExposition(await registry.metrics(), 'text')).map(({ name }) => name);
  expect(names).toContain('process_resident_memory_bytes');
  expect(await value(metrics, `banyan_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1);
});

test('samples of mismatches that were lost are read where they are counted', async () => {
  const metrics = fresh();
  expect(await value(metrics, 'banyan_mismatch_samples_lost_total')).toBe(0);
  let lost = 2;
  metrics.useSamplesLost(() => lost);
  expect(await value(metrics, 'banyan_mismatch_samples_lost_total')).toBe(2);
  lost = 3;
  expect(await value(metrics, 'banyan_mismatch_samples_lost_total')).toBe(3);
});

test('what both sides ran is counted by result, reason and cause, the ones that never came included', async () => {
  const metrics = fresh();
  metrics.useGeneration(() => generationOf(1, COUNT));
  metrics.countComparison('vowels', 'count', 'mismatch');
  metrics.countComparison('gone', 'count', 'match');
  metrics.countDropped('vowels', 'count', 'queue-full');
  metrics.countFallback('vowels', 'count', 'timeout');
  expect(await lines(metrics, 'banyan_comparisons_total')).toEqual(
    ['match', 'mismatch', 'legacy-failed', 'wasm-failed', 'both-failed'].map(
      (result) =>
        `banyan_comparisons_total{plugin="vowels",function="count",result="${result}"} ${result === 'mismatch' ? 1 : 0}`,
    ),
  );
  const of = '{plugin="vowels",function="count",';
  expect(await value(metrics, `banyan_shadow_dropped_total${of}reason="queue-full"}`)).toBe(1);
  expect(await value(metrics, `banyan_shadow_dropped_total${of}reason="unsafe"}`)).toBe(0);
  expect(await value(metrics, `banyan_fallbacks_total${of}cause="timeout"}`)).toBe(1);
});
