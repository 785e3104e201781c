import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bucketOf, lowerEdge, upperEdge } from '#src/evidence/buckets.js';
import { Latencies } from '#src/evidence/latencies.js';

/** From 0.1 µs to a minute, as many short ones as long ones. */
const duration = fc.double({ min: Math.log(1e-4), max: Math.log(60_000), noNaN: true }).map(Math.exp);

function latenciesOf(durations: readonly number[]): Latencies {
  const latencies = new Latencies();
  for (const each of durations) latencies.record(each);
  return latencies;
}

test('a quantile is within 1/64 of the duration that has that rank', () => {
  fc.assert(
    fc.property(
      fc.array(duration, { minLength: 1, maxLength: 300 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (durations, share) => {
        const sorted = [...durations].sort((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
        const told = latenciesOf(durations).quantile(share);
        expect(Math.abs(told - exact) / exact).toBeLessThanOrEqual(1 / 64);
      },
    ),
  );
});

test('a duration lies between the edges of its bucket, which are no further apart than 1/64', () => {
  fc.assert(
    fc.property(duration, (ms) => {
      const bucket = bucketOf(ms);
      // A duration at an edge may lie an ulp beside it.
      expect(ms).toBeGreaterThanOrEqual(lowerEdge(bucket) * (1 - 1e-12));
      expect(ms).toBeLessThan(upperEdge(bucket) * (1 + 1e-12));
      if (bucket > 0) expect(upperEdge(bucket) / lowerEdge(bucket)).toBeLessThanOrEqual(1 + 1 / 64 + 1e-12);
    }),
  );
});

test('what is shorter than all buckets or longer than all is counted, and bounded by nothing', () => {
  const latencies = latenciesOf([0, 1e-9, -1, Number.NaN, 1e9, Number.POSITIVE_INFINITY]);
  expect(latencies.total()).toBe(6);
  expect(lowerEdge(bucketOf(0))).toBe(0);
  expect(upperEdge(bucketOf(1e9))).toBe(Number.POSITIVE_INFINITY);
});

test('counts can be added up', () => {
  fc.assert(
    fc.property(fc.array(duration), fc.array(duration), (before, after) => {
      const latencies = latenciesOf(before);
      const earlier = latencies.counts();
      for (const each of after) latencies.record(each);
      const sum = latenciesOf(after);
      sum.add(earlier);
      expect(sum.counts()).toEqual(latencies.counts());
    }),
  );
});

test('counting from the longest finds the bucket of each rank', () => {
  const latencies = latenciesOf([1, 2, 2, 50]);
  expect([1, 2, 3, 4, 5].map((rank) => latencies.fromLongest(rank))).toEqual([
    bucketOf(50),
    bucketOf(2),
    bucketOf(2),
    bucketOf(1),
    -1,
  ]);
});
