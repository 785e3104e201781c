import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '#src/parity/json.js';
import { smallerBytes, smallerText } from '#src/parity/smaller-bytes.js';
import { smallerJson } from '#src/parity/smaller-json.js';

/** Follows one of the smaller ones, and one of its smaller ones, and so on; answers after how many steps there was none. */
function descend<T>(from: T, smaller: (value: T) => Iterable<T>, turns: readonly number[]): number {
  let value = from;
  for (let step = 0; ; step++) {
    const all = [...smaller(value)].slice(0, 300);
    const turn = turns[step % turns.length] ?? 0;
    const next = all[turn % Math.max(1, all.length)];
    if (next === undefined) return step;
    if (step > 20_000) throw new Error(`it does not end: ${JSON.stringify(value)}`);
    value = next;
  }
}

const turns = fc.array(fc.nat(1_000), { minLength: 5, maxLength: 20 });

describe('smaller inputs', () => {
  it('come to an end, whichever way is followed', () => {
    const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
    fc.assert(
      fc.property(json, turns, (document, way) => descend(document, smallerJson, way) >= 0),
      { numRuns: 200 },
    );
    const bytes = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(bytes, turns, (input, way) => descend<Uint8Array>(input, smallerBytes, way) >= 0),
      { numRuns: 100 },
    );
    fc.assert(
      fc.property(
        bytes,
        turns,
        (input, way) => descend<Uint8Array>(Buffer.from(Buffer.from(input).toString()), smallerText, way) >= 0,
      ),
      { numRuns: 100 },
    );
  });

  it('leave out every member and item, and put small numbers in the place of large ones', () => {
    const all = [...smallerJson({ a: 100, b: [1, 2] })].map((each) => JSON.stringify(each));
    for (const wanted of [
      '{"b":[1,2]}',
      '{"a":100}',
      '{"a":100,"b":[1]}',
      '{"a":100,"b":[2]}',
      '{"a":0,"b":[1,2]}',
      '{"a":50,"b":[1,2]}',
      '100',
      '[1,2]',
    ])
      expect(all).toContain(wanted);
  });
});
