import { amount, figure, percent } from '#src/domain/figure.js';
import { expect, it } from 'vitest';

it.each([
  [0, '0'],
  [1, '1'],
  [5_315, '5,315'],
  [12_345_678, '12,345,678'],
  [0.094_71, '0.0947'],
  [0.001_52, '0.00152'],
  [12.49, '12.5'],
  [1_234.5, '1,235'],
  [-0.109_2, '-0.109'],
])('%d is written %s', (value, expected) => {
  expect(figure(value)).toBe(expected);
  expect(percent(value)).toBe(`${expected} %`);
});

it('one is one, and all else are many', () => {
  expect([0, 1, 2, 1_200].map((count) => amount(count, 'call'))).toEqual([
    '0 calls',
    '1 call',
    '2 calls',
    '1,200 calls',
  ]);
});
