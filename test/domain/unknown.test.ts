import type { Generation } from '#src/domain/generation.js';
import { unknownIn } from '#src/domain/unknown.js';
import { expect, it } from 'vitest';

const functions = new Map([['quote', {}]]);
const generation = {
  plugins: new Map([['pricing', { functions }]]),
  disabled: new Map([['broken', {}]]),
} as unknown as Generation;

it.each([
  ['pricing', null, null],
  ['pricing', 'quote', null],
  ['broken', null, null],
  ['broken', 'any', null],
  ['pricng', 'quote', 'no plugin is called pricng; did you mean pricing?'],
  ['brokn', null, 'no plugin is called brokn; did you mean broken?'],
  ['shop', null, 'no plugin is called shop'],
  ['pricing', 'qoute', 'plugin pricing has no function qoute; did you mean quote?'],
  ['pricing', 'tax', 'plugin pricing has no function tax'],
])('of %s/%s it says: %s', (plugin, name, detail) => {
  expect(unknownIn(generation, { plugin, function: name })?.detail ?? null).toBe(detail);
});
