import { expect, test } from 'vitest';
import { RestartWindow } from '#src/domain/restart-window.js';

const BACKOFF = { baseMs: 100, maxMs: 1_000 };

test('the first restart comes at once, later ones after twice as long each, up to a bound', () => {
  const window = new RestartWindow({ max: 8, withinMs: 60_000 }, BACKOFF, () => 1);
  expect(Array.from({ length: 7 }, () => window.next(0))).toEqual([0, 100, 200, 400, 800, 1_000, 1_000]);
});

test('jitter takes up to half of a delay away', () => {
  const window = new RestartWindow({ max: 8, withinMs: 60_000 }, BACKOFF, () => 0);
  expect([window.next(0), window.next(0), window.next(0)]).toEqual([0, 50, 100]);
});

test('exactly as many restarts as the budget allows happen within the window', () => {
  const window = new RestartWindow({ max: 2, withinMs: 1_000 }, BACKOFF, () => 1);
  expect([window.next(0), window.next(400), window.next(999)]).toEqual([0, 100, null]);
  // The first has left the window now, the second has not.
  expect([window.next(1_000), window.next(1_001)]).toEqual([100, null]);
  expect(window.next(10_000)).toBe(0);
});

test('a budget of none trips at the first crash', () => {
  expect(new RestartWindow({ max: 0, withinMs: 1_000 }, BACKOFF, () => 1).next(0)).toBeNull();
});

test('after it is cleared the next restart is the first again', () => {
  const window = new RestartWindow({ max: 1, withinMs: 1_000 }, BACKOFF, () => 1);
  expect([window.next(0), window.next(0)]).toEqual([0, null]);
  window.clear();
  expect(window.next(0)).toBe(0);
});
