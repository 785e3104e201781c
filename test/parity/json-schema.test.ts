import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conforms } from '#src/parity/conforms.js';
import { Draws } from '#src/parity/draws.js';
import type { Json } from '#src/parity/json.js';
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
    [{ type: 'string', pattern: '(' }, '/pattern: expected a regular expression'],
    [{ type: 'string', format: 'iban' }, '/format: the format "iban" is not supported; there are date'],
    [{ type: 'integer', minimum: '0' }, '/minimum: expected a number'],
    [{ properties: { n: { type: 'integer', minimum: 0.2, maximum: 0.8 } } }, '/properties/n: no number is within'],
    [{ minLength: 3, maxLength: 2 }, '/maxLength: expected at least 3, as minLength says'],
    [7, 'the schema: expected a schema: an object, or true'],
  ])('says what is wrong with it and where: %j', (schema, message) => {
    expect(() => readSchema(schema as Json)).toThrow(message);
  });

  it('that no document meets is said so', () => {
    expect(() => made({ type: 'string', pattern: '^a$', minLength: 2 })).toThrow(
      /the schema: of 200 documents that were made none met it/,
    );
  });
});
