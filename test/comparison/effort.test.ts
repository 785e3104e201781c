import { describe, expect, it, onTestFinished } from 'vitest';
import { createComparer } from '#src/comparison/comparer.js';
import { budgetFor, type Budget } from '#src/comparison/json/budget.js';
import { compileRules } from '#src/comparison/json/rules.js';
import type { Json } from '#src/comparison/json/value.js';
import { differencesBetween } from '#src/comparison/json/walk.js';
import type { CompareRule } from '#src/domain/comparison.js';
import { functionNamed } from '../functions.js';
import { json, reply } from './comparing.js';

const tolerance = { absolute: 0.1, relative: 0 };
const text = (unicode: 'NFC' | null): CompareRule => ({ as: 'text', lineEnds: 'any', trailingSpace: 'any', unicode });

describe('Where a comparison is made', () => {
  const isAtOnce = (compare: CompareRule, bytes: number): boolean => {
    const comparer = createComparer();
    onTestFinished(comparer.close);
    const [one, other] = ['a', 'b'].map((letter) => reply(JSON.stringify(letter.repeat(bytes / 2 - 2))));
    if (one === undefined || other === undefined) throw new Error('there are two');
    return !('then' in comparer.compare(functionNamed('quote', { compare }), one, other));
  };

  it.each<[string, CompareRule, number]>([
    ['JSON', json(), 8 * 1024],
    ['JSON of which something is ignored', json({ ignore: ['/*'] }), 8 * 1024],
    ['JSON with a tolerance', json({ tolerance }), 512],
    ['JSON with a relative tolerance', json({ tolerance: { absolute: 0, relative: 1e-9 } }), 512],
    ['JSON without order', json({ unordered: ['/a'] }), 512],
    ['text', text(null), 32 * 1024],
    ['text in a normal form', text('NFC'), 512],
  ])('is the caller’s thread for small documents, by the rule: %s', (_, rule, most) => {
    expect(isAtOnce(rule, most)).toBe(true);
    expect(isAtOnce(rule, most + 2)).toBe(false);
  });
});

describe('What a comparison takes', () => {
  /** Looks at values. */
  function effortOf(
    given: { unordered: string[]; tolerance: typeof tolerance | null },
    left: Json,
    right: Json,
  ): number {
    const size = JSON.stringify([left, right]).length;
    const before = budgetFor(size, given.tolerance !== null).left;
    const budget: Budget = { left: before };
    const numbers = { mark: null, tolerance: given.tolerance };
    differencesBetween(left, right, { rules: compileRules([], given.unordered), numbers, budget });
    return (before - budget.left) / size;
  }
  const items = (count: number, by: number): Json => ({
    a: Array.from({ length: count }, (_, at) => ({ t: [(at % 5) + by, ((at * 3) % 7) + by, (at % 2) + by] })),
  });
  const nested = (depth: number, leaf: number): Json => (depth === 0 ? leaf : [nested(depth - 1, leaf)]);

  it('is no more than its size allows, however many ways there are to pair', () => {
    const given = { unordered: ['/a', '/a/*/t'], tolerance };
    // Going through the documents goes on when the budget is spent, but once.
    for (const count of [20, 110, 440]) {
      expect(effortOf(given, items(count, 0), items(count, 0.11))).toBeLessThan(16 + 64 + 32);
    }
  });

  it('does not double with each array without order in another one', () => {
    for (const depth of [18, 36, 72]) {
      const unordered = Array.from({ length: depth }, (_, at) => '/*'.repeat(at));
      const [left, right] = [nested(depth, 1), nested(depth, 2)];
      for (const each of [null, tolerance])
        expect(effortOf({ unordered, tolerance: each }, left, right)).toBeLessThan(300);
    }
  });

  it('does not grow with the levels at which arrays could be in another order', () => {
    const turned = (depth: number, by: number): Json => (depth === 0 ? by : [by, turned(depth - 1, by)]);
    expect(effortOf({ unordered: [], tolerance: null }, turned(2_000, 1), turned(2_000, 2))).toBeLessThan(16 + 16);
  });
});
