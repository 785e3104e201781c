import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conforms } from '#src/parity/conforms.js';
import { Draws } from '#src/parity/draws.js';
import type { Json } from '#src/parity/json.js';
import { parseJson } from '#src/parity/json-parse.js';
import { readSchema } from '#src/parity/json-schema.js';
import { schemaSource } from '#src/parity/schema-source.js';

/** Documents by a schema. */
function made(schema: Json, count = 300): readonly Json[] {
  const source = schemaSource('the schema', readSchema(schema));
  const draws = new Draws();
  return Array.from(
    { length: count },
    (_, run) => JSON.parse(Buffer.from(source.make(draws.begin(5, run))).toString()) as Json,
  );
}

/** The same as they are written. */
function texts(schema: string): ReadonlySet<string> {
  const source = schemaSource('the schema', readSchema(parseJson(schema)!));
  const draws = new Draws();
  return new Set(Array.from({ length: 3_000 }, (_, run) => Buffer.from(source.make(draws.begin(5, run))).toString()));
}

describe('documents by a schema', () => {
  it('have the types that it names', () => {
    expect(made({ type: 'boolean' }).every((value) => typeof value === 'boolean')).toBe(true);
    expect(new Set(made({ type: ['string', 'null'] }).map((value) => typeof value))).toEqual(
      new Set(['string', 'object']),
    );
    expect(new Set(made({ enum: ['a', 1, null] }))).toEqual(new Set(['a', 1, null]));
    expect(new Set(made({ const: { a: 1 } }).map((value) => JSON.stringify(value)))).toEqual(new Set(['{"a":1}']));
    expect(new Set(made({ oneOf: [{ const: 1 }, { const: 2 }] }))).toEqual(new Set([1, 2]));
  });

  it('have numbers within its limits, and at them', () => {
    const whole = made({ type: 'integer', minimum: -3, exclusiveMaximum: 1_000 }) as number[];
    expect(whole.every((value) => Number.isInteger(value) && value >= -3 && value < 1_000)).toBe(true);
    for (const edge of [-3, 0, 1, 50, 999]) expect(whole).toContain(edge);
    const cents = made({ type: 'number', minimum: 0, maximum: 2, multipleOf: 0.01 }) as number[];
    expect(cents.every((value) => /^\d(\.\d{1,2})?$/.test(String(value)))).toBe(true);
    const any = made({ type: 'number', exclusiveMinimum: 0, maximum: 10 }) as number[];
    expect(any.every((value) => value > 0 && value <= 10)).toBe(true);
    expect(any.some((value) => value % 1 === 0.5)).toBe(true);
  });

  it('have texts of its lengths, patterns and formats', () => {
    const texts = made({ type: 'string', minLength: 2, maxLength: 4 }) as string[];
    expect(texts.every((text) => /^.{2,4}$/su.test(text))).toBe(true);
    expect(
      (made({ type: 'string', pattern: '^[A-Z]{2}-\\d+$', minLength: 5 }) as string[]).every((text) =>
        /^[A-Z]{2}-\d{2,}$/.test(text),
      ),
    ).toBe(true);
    const dates = made({ type: 'string', format: 'date-time' }) as string[];
    expect(dates.every((text) => !Number.isNaN(Date.parse(text)))).toBe(true);
  });

  it('have members as it says, and no others unless it asks for them', () => {
    const properties = { a: { type: 'integer' }, b: { type: 'boolean' } };
    const some = made({ type: 'object', properties, required: ['a'] }) as Record<string, Json>[];
    expect(some.every((value) => 'a' in value && Object.keys(value).every((name) => name in properties))).toBe(true);
    expect(new Set(some.map((value) => 'b' in value))).toEqual(new Set([true, false]));
    const open = made({ type: 'object', properties, additionalProperties: { type: 'null' } }) as Record<string, Json>[];
    expect(open.some((value) => Object.keys(value).some((name) => !(name in properties)))).toBe(true);
    const lists = made({ type: 'array', items: { enum: [1, 2, 3] }, uniqueItems: true, minItems: 1 }) as Json[][];
    expect(lists.every((list) => list.length > 0 && new Set(list).size === list.length)).toBe(true);
  });

  it.each<[string, Json]>([
    [
      'by the items of a list',
      {
        type: 'object',
        properties: { sku: { type: 'string' }, parts: { type: 'array', items: { $ref: '#' } } },
        required: ['sku', 'parts'],
      },
    ],
    ['by any member', { type: 'object', additionalProperties: { $ref: '#' } }],
    ['by three members', { properties: Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { $ref: '#' }])) }],
    [
      'by five members',
      { properties: Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, { $ref: '#' }])) },
    ],
    ['by branches', { anyOf: [{ type: 'array', items: { $ref: '#' }, minItems: 2 }, { const: 0 }] }],
    [
      'by members that must be there, or null',
      {
        properties: {
          l: { anyOf: [{ $ref: '#' }, { type: 'null' }] },
          r: { anyOf: [{ type: 'null' }, { $ref: '#' }] },
        },
        required: ['l', 'r'],
      },
    ],
  ])('end, and stay within bounds, where it refers to itself: %s', (_how, schema) => {
    const shape = readSchema(schema);
    const documents = made(schema, 2_000);
    expect(documents.every((value) => conforms(shape, value))).toBe(true);
    const sizes = documents.map((value) => JSON.stringify(value).length);
    expect(Math.max(...sizes)).toBeLessThan(50_000);
    expect(Math.max(...sizes)).toBeGreaterThan(20);
    // Small ones, too: they are what is found first and understood soonest.
    expect(Math.min(...sizes)).toBeLessThan(30);
  });

  it('are the same by the same seed, and others by another', () => {
    const schema = { properties: { n: { type: 'integer' }, more: { type: 'array', items: { $ref: '#' } } } };
    const by = (seed: number): readonly string[] => {
      const [source, draws] = [schemaSource('the schema', readSchema(schema)), new Draws()];
      return Array.from({ length: 50 }, (_, run) => Buffer.from(source.make(draws.begin(seed, run))).toString());
    };
    expect(by(3)).toEqual(by(3));
    expect(by(3)).not.toEqual(by(4));
  });

  it('have whole numbers of 64 bits that a double does not hold, within its limits', () => {
    const long = ['9007199254740993', '9223372036854775807', '-9223372036854775808'];
    expect([...texts('{"type": "integer"}')]).toEqual(expect.arrayContaining(long));
    expect([...texts('{"type": "number"}')]).toEqual(expect.arrayContaining(long));
    const int64 = texts('{"type": "integer", "minimum": -9223372036854775808, "maximum": 9223372036854775807}');
    expect([...int64]).toEqual(expect.arrayContaining(long));
    expect([...int64].every((text) => BigInt.asIntN(64, BigInt(text)) === BigInt(text))).toBe(true);
    expect([...texts('{"type": "integer", "minimum": 9007199254740993, "maximum": 9007199254740994}')].sort()).toEqual([
      '9007199254740993',
      '9007199254740994',
    ]);
    expect([...texts('{"type": "number", "minimum": 9007199254740993, "maximum": 9007199254740993}')]).toEqual([
      '9007199254740993',
    ]);
    expect([...texts('{"enum": [9007199254740993, 1.0]}')].sort()).toEqual(['1.0', '9007199254740993']);
  });

  it('keep to all that it says: a type beside values, exactly one branch, how many members', () => {
    expect(new Set(made({ type: 'string', enum: ['a', 1] }))).toEqual(new Set(['a']));
    expect(new Set(made({ type: 'integer', enum: [1.5, 2, 'a'] }))).toEqual(new Set([2]));
    const either = { oneOf: [{ enum: [1, 2] }, { enum: [2, 3] }] };
    expect(new Set(made(either))).toEqual(new Set([1, 3]));
    expect(conforms(readSchema(either), 2)).toBe(false);
    const counts = (schema: object) =>
      new Set(made(schema as Json).map((value) => Object.keys(value as object).length));
    expect(counts({ type: 'object', minProperties: 3, maxProperties: 3 })).toEqual(new Set([3]));
    expect(counts({ properties: { a: {}, b: {}, c: {} }, additionalProperties: false, minProperties: 2 })).toEqual(
      new Set([2, 3]),
    );
    const typed = made({ required: ['x'], additionalProperties: { type: 'boolean' } }) as Record<string, Json>[];
    expect(typed.every(({ x }) => typeof x === 'boolean')).toBe(true);
    expect([...texts('{"type": "integer", "multipleOf": 1.5}')].every((text) => BigInt(text) % 3n === 0n)).toBe(true);
  });

  it('end where it refers to itself', () => {
    const tree = {
      $defs: {
        node: { type: 'object', properties: { left: { $ref: '#/$defs/node' }, right: { $ref: '#/$defs/node' } } },
      },
      type: 'array',
      items: { $ref: '#/$defs/node' },
    };
    const sizes = made(tree, 1_000).map((value) => JSON.stringify(value).length);
    expect(Math.max(...sizes)).toBeLessThan(100_000);
    expect(Math.max(...sizes)).toBeGreaterThan(20);
  });

  it('are what conforms to it, and what is changed is not', () => {
    const shape = readSchema({
      type: 'object',
      properties: { n: { type: 'integer', minimum: 1, maximum: 5 } },
      required: ['n'],
      additionalProperties: false,
    });
    fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), (n) => conforms(shape, { n })));
    fc.assert(
      fc.property(
        fc.jsonValue(),
        (n) => conforms(shape, { n } as Json) === (Number.isInteger(n) && Number(n) >= 1 && Number(n) <= 5),
      ),
    );
    expect([{}, [], null, { n: 1, m: 1 }].map((value) => conforms(shape, value))).toEqual([false, false, false, false]);
  });
});

describe('a schema', () => {
  it.each([
    [{ allOf: [] }, '/allOf: the keyword allOf is not supported'],
    [{ type: 'object', properties: { 'a/b': { not: {} } } }, '/properties/a~1b/not: the keyword not is not supported'],
    [{ oneOf: [{ type: 'strin' }] }, '/oneOf/0/type: expected object, array, string'],
    [{ enum: [1], minimum: 0 }, '/minimum: minimum beside enum is not supported'],
    [{ $ref: 'other.json' }, '/$ref: expected a reference into this schema'],
    [{ $ref: '#/$defs/none' }, '/$ref: there is nothing at #/$defs/none'],
    [{ $ref: '#' }, '/$ref: it refers to nothing but itself'],
    [
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
      '/$defs/b/$ref: it refers to nothing but itself',
    ],
    [{ anyOf: [{ $ref: '#' }, { type: 'null' }] }, '/anyOf/0/$ref: it refers to nothing but itself'],
    [{ $ref: '#foo' }, '/$ref: expected a reference into this schema, such as "#/$defs/line"'],
    [{ $ref: '#/%' }, '/$ref: expected a reference into this schema'],
    [{ $ref: '#%' }, '/$ref: expected a reference into this schema'],
    [{ properties: { a: { $id: 'https://example.org/a' } } }, '/properties/a/$id: a schema of its own'],
    [
      { properties: { a: { $ref: '#' } }, required: ['a'] },
      '/properties/a/$ref: no document meets it: what must be there',
    ],
    [
      { properties: { a: { type: 'array', items: { $ref: '#' }, minItems: 1 } }, required: ['a'] },
      '/properties/a/items/$ref: no document meets it',
    ],
    [
      { properties: { a: { type: 'array', minItems: 1e9 } }, required: ['a'] },
      '/properties/a: the smallest document that meets it has more than 100,000 values',
    ],
    [{ type: 'string', minLength: 1e10 }, 'the schema: the smallest document that meets it'],
    [{ type: 'string', enum: [1] }, '/enum: none is of the type string'],
    [{ type: 'string', const: 1 }, '/const: none is of the type string'],
    [{ type: [] }, '/type: expected at least one type'],
    [{ type: 'string', anyOf: [{ type: 'integer' }] }, '/anyOf/0: it may be other than string'],
    [{ uniqueItems: 1 }, '/uniqueItems: expected true or false'],
    [
      { properties: { a: {} }, additionalProperties: false, minProperties: 2 },
      '/minProperties: there are 1 properties',
    ],
    [{ required: ['a', 'b'], maxProperties: 1 }, '/maxProperties: 2 properties are required'],
    [{ required: ['a'], additionalProperties: false }, '/required: "a" is no property, and no others are allowed'],
    [{ type: 'number', minimum: 2, exclusiveMaximum: 2 }, 'the schema: no number is within these limits'],
    [{ type: 'string', pattern: '(' }, '/pattern: expected a regular expression'],
    [{ type: 'string', format: 'iban' }, '/format: the format "iban" is not supported; there are date'],
    [{ type: 'integer', minimum: '0' }, '/minimum: expected a number'],
    [{ properties: { n: { type: 'integer', minimum: 0.2, maximum: 0.8 } } }, '/properties/n: no number is within'],
    [{ minLength: 3, maxLength: 2 }, '/maxLength: expected at least 3, as minLength says'],
    [7, 'the schema: expected a schema: an object, or true'],
  ])('says what is wrong with it and where: %j', (schema, message) => {
    expect(() => readSchema(schema as Json)).toThrow(message);
  });

  it.each<[Json, string]>([
    [
      { properties: { a: { type: 'string', pattern: '^a$', minLength: 2 } }, required: ['a'] },
      '/properties/a: of 200 texts',
    ],
    [{ type: 'array', items: { type: 'boolean' }, uniqueItems: true, minItems: 3 }, 'the schema: of 200 lists'],
    [{ oneOf: [{ type: 'null' }, { type: 'null' }] }, 'the schema: of 200 documents'],
  ])('that no document meets is said so, with its place: %j', (schema, message) => {
    expect(() => made(schema)).toThrow(`${message} that were made none met it`);
  });

  it('may be long: a chain of ten thousand references, each to the next one', () => {
    const length = 10_000;
    const next = (at: number): Json => (at === length ? { const: 'end' } : { $ref: `#/$defs/${at + 1}` });
    const $defs = Object.fromEntries(Array.from({ length }, (_, at) => [at + 1, next(at + 1)]));
    expect(made({ $ref: '#/$defs/1', $defs }, 1)).toEqual(['end']);
  });

  it('whose documents are all nested too deeply is refused', () => {
    const length = 10_000;
    const next = (at: number): Json =>
      at === length ? true : { properties: { a: { $ref: `#/$defs/${at + 1}` } }, required: ['a'] };
    const $defs = Object.fromEntries(Array.from({ length }, (_, at) => [at + 1, next(at + 1)]));
    expect(() => made({ $ref: '#/$defs/1', $defs }, 1)).toThrow('documents that meet it are nested too deeply');
  });
});
