import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutatingSource } from '#src/parity/mutating-source.js';
import { Draws } from '#src/parity/draws.js';
import { type Json, WrittenNumber } from '#src/parity/json.js';
import { parseJson } from '#src/parity/json-parse.js';
import { jsonText } from '#src/parity/json-text.js';
import { smallerJson } from '#src/parity/smaller-json.js';

const plain = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
};

describe('a document', () => {
  it('is read as JSON.parse reads it, and written as JSON.stringify writes it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4, stringUnit: 'binary' }), (text) => {
        const value = JSON.parse(text) as unknown;
        expect(JSON.parse(jsonText(parseJson(text)!))).toEqual(value);
        expect(jsonText(value as Json)).toBe(JSON.stringify(value));
      }),
      { numRuns: 500 },
    );
  });

  it('is none where JSON.parse says so, however little is wrong', () => {
    const characters = [...Array.from('{}[]",:\\ \n0123-+.eEtrufalsn'), '\u0000', '\u007f', '\ud800', 'é'];
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 3 }),
        fc.nat(),
        fc.nat(1),
        fc.constantFrom(...characters),
        (text, at, cut, by) => {
          const place = at % (text.length + 1);
          const changed = text.slice(0, place) + by + text.slice(place + cut);
          expect(parseJson(changed) === undefined).toBe(plain(changed) === undefined);
        },
      ),
      { numRuns: 5_000 },
    );
    for (const text of [
      '',
      ' ',
      '01',
      '1.',
      '.5',
      '-',
      '+1',
      '1e',
      '"\t"',
      '"\\x"',
      '"',
      '"\\',
      '[1,]',
      '{"a":1,}',
      '{1:2}',
      'tru',
      'nul',
      '1 2',
      '[',
      '{"a"',
      '\ufeff1',
    ])
      expect([text, parseJson(text)]).toEqual([text, undefined]);
  });

  it('keeps how its numbers are spelled, and a member that is called __proto__', () => {
    const text = '{"id":9007199254740993,"a":[1.0,-0,1e2,0.10,1E400],"__proto__":{"b":-9223372036854775808}}';
    expect(jsonText(parseJson(text)!)).toBe(text);
  });

  it('is none where it is nested too deeply for what goes through it', () => {
    expect(parseJson('['.repeat(400) + ']'.repeat(400))).toBeDefined();
    for (const deep of [1_000, 1_000_000]) expect(parseJson('['.repeat(deep) + ']'.repeat(deep))).toBeUndefined();
  });
});

describe('changes to a document', () => {
  const changes = (input: string, runs = 3_000): readonly string[] => {
    const inputs = [Buffer.from(input)];
    const source = mutatingSource({ name: 'one', inputs, takes: 'json', words: [], longest: 1_000_000 });
    const draws = new Draws();
    return Array.from({ length: runs }, (_, run) => Buffer.from(source.make(draws.begin(1, run))).toString());
  };

  it('leave other numbers as they are spelled', () => {
    const all = changes('{"id":9007199254740993,"rate":1.50,"count":7}').filter(
      (text) => parseJson(text) !== undefined,
    );
    expect(all.filter((text) => text.includes('9007199254740993')).length).toBeGreaterThan(500);
    expect(all.filter((text) => text.includes('1.50')).length).toBeGreaterThan(500);
  });

  it('put whole numbers there that a double does not hold, and go on from those that are there without rounding', () => {
    const fromSmall = changes('{"count":7}').join('\n');
    for (const long of ['9007199254740993', '9223372036854775807', '-9223372036854775808'])
      expect(fromSmall).toContain(`"count":${long}`);
    const fromLong = changes('{"id":1234567890123456789}').join('\n');
    expect(fromLong).toContain('"id":1234567890123456790');
    expect(fromLong).toContain('"id":1234567890123456788');
  });

  it('of a corpus that is nested very deeply are made as of any text', () => {
    expect(changes('['.repeat(100_000) + ']'.repeat(100_000), 50)).toHaveLength(50);
  });
});

describe('smaller documents', () => {
  /** Follows the first smaller one that is still one of these. */
  const smallest = (from: Json, isOne: (value: Json) => boolean): string => {
    let value = from;
    for (;;) {
      const next = [...smallerJson(value)].find(isOne);
      if (next === undefined) return jsonText(value);
      value = next;
    }
  };
  const whole = (value: Json): bigint | null => {
    const text = jsonText(value);
    return /^-?\d+$/.test(text) ? BigInt(text) : null;
  };

  it('come down to the very number from which on a double does not hold all', () => {
    const isLost = (value: Json): boolean => {
      const exact = whole(value);
      return exact !== null && BigInt(Number(exact)) !== exact;
    };
    expect(smallest(new WrittenNumber('9223372036854775807'), isLost)).toBe('9007199254740993');
    const isLong = (value: Json): boolean => (whole(value) ?? 0n) > 2n ** 62n;
    expect(smallest(new WrittenNumber('9223372036854775807'), isLong)).toBe('4611686018427387905');
  });

  it('of numbers that are spelled in an odd way are spelled plainly, and come to an end', () => {
    for (const text of [
      '1.0',
      '-0',
      '1e2',
      '0.10',
      '1e400',
      '1e-400',
      '-1E5000',
      '18446744073709551616.5',
      '-18446744073709551616',
    ])
      expect(smallest(new WrittenNumber(text), () => true)).toBe('0');
  });
});
