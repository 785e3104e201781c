import { expect, it } from 'vitest';
import { createSpare } from '#src/dispatch/spare.js';

/** How many of 1,000 are admitted, after looks that are so far apart. */
function admitted(busy: readonly number[], everyMs = 50): number {
  let clock = 0;
  let look = 0;
  let draw = 0;
  const spare = createSpare({
    utilization: () => busy[Math.min(look++, busy.length - 1)]!,
    now: () => clock,
    random: () => (draw++ % 1_000) / 1_000,
  });
  busy.forEach(() => {
    clock += everyMs;
    spare.admits();
  });
  draw = 0;
  return Array.from({ length: 1_000 }, () => spare.admits()).filter(Boolean).length;
}

it('everything is admitted while the loop has time', () => {
  expect(admitted([0.1, 0.5, 0.8])).toBe(1_000);
});

it('less and less is admitted while the loop is busy, but never nothing', () => {
  expect(admitted([0.95])).toBe(500);
  expect(admitted([0.95, 0.95])).toBe(250);
  expect(admitted(Array<number>(20).fill(1))).toBe(10);
});

it('a tenth more is admitted with every look that finds time', () => {
  expect(admitted([...Array<number>(20).fill(1), 0.3])).toBe(110);
  expect(admitted([...Array<number>(20).fill(1), ...Array<number>(10).fill(0.3)])).toBe(1_000);
});

it('how busy the loop was some time ago, at the start for instance, keeps nobody out', () => {
  expect(admitted([...Array<number>(20).fill(1)], 500)).toBe(1_000);
});
