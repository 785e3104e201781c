import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  againstAtLeast,
  againstAtMost,
  leastOver,
  lowerBound,
  mostUnder,
  upperBound,
} from '#src/evidence/gates/bernoulli.js';
import { differenceAtLeast, differenceAtMost } from '#src/evidence/gates/paired.js';
import { randomOf } from './seen.js';

const ALPHA = 0.05;
const LIMIT = 0.001;

/** The exact chance that a rate is ever judged wrongly, by going through all numbers of hits at each number of samples. */
function chanceOf(rate: number, samples: number, stops: (hits: number, samples: number) => boolean): number {
  let alive = [1];
  let stopped = 0;
  for (let sample = 1; sample <= samples; sample++) {
    const next = new Array<number>(alive.length + 1).fill(0);
    for (const [hits, chance] of alive.entries()) {
      next[hits]! += chance * (1 - rate);
      next[hits + 1]! += chance * rate;
    }
    for (const [hits, chance] of next.entries()) {
      if (chance === 0 || !stops(hits, sample)) continue;
      stopped += chance;
      next[hits] = 0;
    }
    while (next.length > 1 && next.at(-1)! < 1e-15) next.pop();
    alive = next;
  }
  return stopped;
}

function byCountOfSamples(bound: (samples: number) => number): (samples: number) => number {
  const known: number[] = [];
  return (samples) => (known[samples] ??= bound(samples));
}

const over = byCountOfSamples((samples) => leastOver(LIMIT, samples, ALPHA));
const under = byCountOfSamples((samples) => mostUnder(LIMIT, samples, ALPHA));

test('a rate just at the limit is not once in 20,000 looks taken for greater with more than the chance of alpha', () => {
  const wrong = chanceOf(LIMIT, 20_000, (hits, samples) => hits >= over(samples));
  expect(wrong).toBeLessThanOrEqual(ALPHA);
  // Not because it never says anything.
  expect(wrong).toBeGreaterThan(ALPHA / 10);
});

test('a rate just at the limit is not once in 20,000 looks taken for smaller with more than the chance of alpha', () => {
  const wrong = chanceOf(LIMIT, 20_000, (hits, samples) => hits <= under(samples));
  expect(wrong).toBeLessThanOrEqual(ALPHA);
  expect(wrong).toBeGreaterThan(ALPHA / 10);
});

test('twice the limit is found nine times in ten within 30,000 samples, half of it within 60,000', () => {
  expect(chanceOf(2 * LIMIT, 30_000, (hits, samples) => hits >= over(samples))).toBeGreaterThan(0.9);
  expect(chanceOf(LIMIT / 2, 60_000, (hits, samples) => hits <= under(samples))).toBeGreaterThan(0.9);
});

test('without a mismatch the limit is passed within one and a half times what a single look would need', () => {
  const singleLook = Math.log(ALPHA) / Math.log(1 - LIMIT);
  const first = Array.from({ length: 6_000 }, (_, samples) => samples + 1).find((samples) => under(samples) >= 0);
  expect(first).toBeLessThanOrEqual(1.5 * singleLook);
});

test('under the limit itself the mean e-value is one, whatever the number of samples', () => {
  for (const limit of [0.001, 0.05, 0.5, 0.99]) {
    for (const samples of [1, 7, 60]) {
      const mean = (against: typeof againstAtLeast): number => {
        let sum = 0;
        let choose = 1;
        for (let hits = 0; hits <= samples; hits++) {
          sum += choose * limit ** hits * (1 - limit) ** (samples - hits) * Math.exp(against(limit, { samples, hits }));
          choose *= (samples - hits) / (hits + 1);
        }
        return sum;
      };
      expect(mean(againstAtLeast)).toBeCloseTo(1, 9);
      expect(mean(againstAtMost)).toBeCloseTo(1, 9);
    }
  }
});

test('bounds enclose what was seen, and are just where the tests turn', () => {
  const tally = fc
    .tuple(fc.integer({ min: 1, max: 2_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([samples, share]) => ({ samples, hits: Math.round(samples * share ** 4) }));
  fc.assert(
    fc.property(tally, fc.constantFrom(0.05, 0.01, 0.002), (seen, alpha) => {
      const lower = lowerBound(seen, alpha);
      const upper = upperBound(seen, alpha);
      expect(lower).toBeLessThanOrEqual(seen.hits / seen.samples);
      expect(upper).toBeGreaterThanOrEqual(seen.hits / seen.samples);
      const enough = -Math.log(alpha);
      if (upper < 1) {
        expect(againstAtLeast(upper * (1 + 1e-6), seen)).toBeGreaterThanOrEqual(enough);
        expect(againstAtLeast(upper * (1 - 1e-6), seen)).toBeLessThan(enough);
      }
      if (lower > 0) {
        expect(againstAtMost(lower * (1 - 1e-6), seen)).toBeGreaterThanOrEqual(enough);
        expect(againstAtMost(lower * (1 + 1e-6), seen)).toBeLessThan(enough);
      }
    }),
    { numRuns: 500 },
  );
});

test('numbers of hits that decide are just where the tests turn', () => {
  const cases = fc.tuple(fc.integer({ min: 1, max: 500_000 }), fc.constantFrom(0.0001, 0.001, 0.01, 0.3));
  fc.assert(
    fc.property(cases, ([samples, limit]) => {
      const enough = -Math.log(ALPHA);
      const most = mostUnder(limit, samples, ALPHA);
      if (most >= 0) expect(againstAtLeast(limit, { samples, hits: most })).toBeGreaterThanOrEqual(enough);
      expect(againstAtLeast(limit, { samples, hits: most + 1 })).toBeLessThan(enough);
      const least = leastOver(limit, samples, ALPHA);
      if (least <= samples) expect(againstAtMost(limit, { samples, hits: least })).toBeGreaterThanOrEqual(enough);
      expect(againstAtMost(limit, { samples, hits: Math.min(least - 1, samples) })).toBeLessThan(enough);
    }),
    { numRuns: 500 },
  );
});

test('of nothing, everything is possible', () => {
  expect(lowerBound({ samples: 0, hits: 0 }, ALPHA)).toBe(0);
  expect(upperBound({ samples: 0, hits: 0 }, ALPHA)).toBe(1);
  expect(differenceAtMost({ samples: 0, wasmFailed: 0, legacyFailed: 0 }, ALPHA)).toBe(1);
  expect(differenceAtLeast({ samples: 0, wasmFailed: 0, legacyFailed: 0 }, ALPHA)).toBe(-1);
});

test('the bound of a difference between pairs is once wrong in a hundred looks with no more than the chance of alpha', () => {
  for (const [wasmAlone, legacyAlone] of [
    [0.1, 0.1],
    [0.3, 0.05],
    [0.02, 0],
  ] as const) {
    let alive = new Map([['0 0', 1]]);
    let wrong = 0;
    for (let samples = 1; samples <= 100; samples++) {
      const next = new Map<string, number>();
      const add = (wasmFailed: number, legacyFailed: number, chance: number): void => {
        if (chance < 1e-9) return;
        next.set(`${wasmFailed} ${legacyFailed}`, chance + (next.get(`${wasmFailed} ${legacyFailed}`) ?? 0));
      };
      for (const [state, chance] of alive) {
        const [wasmFailed = 0, legacyFailed = 0] = state.split(' ').map(Number);
        add(wasmFailed + 1, legacyFailed, chance * wasmAlone);
        add(wasmFailed, legacyFailed + 1, chance * legacyAlone);
        add(wasmFailed, legacyFailed, chance * (1 - wasmAlone - legacyAlone));
      }
      for (const [state, chance] of next) {
        const [wasmFailed = 0, legacyFailed = 0] = state.split(' ').map(Number);
        if (differenceAtMost({ samples, wasmFailed, legacyFailed }, ALPHA) >= wasmAlone - legacyAlone) continue;
        wrong += chance;
        next.delete(state);
      }
      alive = next;
    }
    expect(wrong).toBeLessThanOrEqual(ALPHA);
  }
});

test('without failures on one side alone, pairs bound a difference as tightly as a single rate', () => {
  const pairs = { samples: 5_000, wasmFailed: 0, legacyFailed: 0 };
  const single = upperBound({ samples: 5_000, hits: 0 }, ALPHA);
  expect(differenceAtMost(pairs, ALPHA)).toBeCloseTo(single, 5);
  expect(differenceAtLeast(pairs, ALPHA)).toBeCloseTo(-single, 5);
});

test('a rate that changes with time, but never exceeds the limit, is not taken for greater', () => {
  let wrong = 0;
  for (let run = 0; run < 400; run++) {
    const random = randomOf(run + 1);
    let hits = 0;
    for (let samples = 1; samples <= 5_000; samples++) {
      const rate = samples % 2_000 < 1_000 ? 0.01 : 0.002;
      if (random() >= rate) continue;
      hits += 1;
      if (againstAtMost(0.01, { samples, hits }) >= -Math.log(ALPHA)) {
        wrong += 1;
        break;
      }
    }
  }
  expect(wrong / 400).toBeLessThanOrEqual(ALPHA);
});
