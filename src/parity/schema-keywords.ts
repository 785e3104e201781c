import { type Decimal, decimalOf, ONE, timesIn } from './decimal.js';
import { isList, isNumber, isObject, type Json, type JsonObject } from './json.js';
import { FORMATS, type Format, type TypeName, TYPES } from './shape.js';

/** A mistake in a schema, by a JSON pointer into it. */
export class SchemaProblem extends Error {
  override readonly name = 'SchemaProblem';
  readonly pointer: string;

  constructor(pointer: string, message: string) {
    super(`${pointer === '' ? 'the schema' : pointer}: ${message}`);
    this.pointer = pointer;
  }
}

/** What says something about a document, and is no rule for it. */
const WORDS_ONLY = new Set(
  '$schema $id $comment $defs definitions title description default examples deprecated readOnly writeOnly'.split(' '),
);

/** Which keywords there are beside which type. */
const KEYWORDS: Readonly<Record<TypeName, readonly string[]>> = {
  object: ['properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties'],
  array: ['items', 'minItems', 'maxItems', 'uniqueItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
  null: [],
};

/** Every keyword that is understood. */
export const SUPPORTED = new Set([
  ...WORDS_ONLY,
  ...['type', 'enum', 'const', 'oneOf', 'anyOf', '$ref'],
  ...Object.values(KEYWORDS).flat(),
]);

/** The values that alone are allowed; null: nothing is said of them. */
export function valuesOf(schema: JsonObject, at: string): readonly [Json, ...Json[]] | null {
  const keyword = schema['const'] === undefined ? 'enum' : 'const';
  const written = schema[keyword];
  if (written === undefined) return null;
  refuseBeside(schema, [keyword, 'type'], at);
  const all = keyword === 'const' ? [written] : written;
  if (!isList(all) || all.length === 0) throw new SchemaProblem(`${at}/enum`, 'expected a list of values');
  const types = schema['type'] === undefined ? TYPES : typesOf(schema, at);
  const [first, ...others] = all.filter((value) => types.some((type) => isOfType(value, type)));
  if (first === undefined) throw new SchemaProblem(`${at}/${keyword}`, `none is of the type ${types.join(' or ')}`);
  return [first, ...others];
}

export function isOfType(value: Json, type: TypeName): boolean {
  switch (type) {
    case 'object':
      return isObject(value);
    case 'array':
      return isList(value);
    case 'number':
      return isNumber(value);
    case 'integer': {
      const decimal = isNumber(value) ? decimalOf(value) : null;
      return decimal !== null && timesIn(decimal, ONE) !== null;
    }
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'null':
      return value === null;
    default:
      return type satisfies never;
  }
}

/** Where no type is written, the keywords tell; none: nothing does. */
export function typesOf(schema: JsonObject, at: string): readonly TypeName[] {
  const written = schema['type'];
  if (written === undefined)
    return TYPES.filter(
      (type) => type !== 'integer' && KEYWORDS[type].some((keyword) => schema[keyword] !== undefined),
    );
  const types = isList(written) ? written : [written];
  if (types.length === 0) throw new SchemaProblem(`${at}/type`, 'expected at least one type');
  return types.map((type) => {
    const known = TYPES.find((each) => each === type);
    if (known === undefined) throw new SchemaProblem(`${at}/type`, `expected ${TYPES.join(', ')}`);
    return known;
  });
}

export function decimalAt(schema: JsonObject, keyword: string, at: string): Decimal | null {
  const value = schema[keyword];
  if (value === undefined) return null;
  if (!isNumber(value)) throw new SchemaProblem(`${at}/${keyword}`, 'expected a number');
  const decimal = decimalOf(value);
  if (decimal === null) throw new SchemaProblem(`${at}/${keyword}`, 'expected a number of less than 1,000 digits');
  return decimal;
}

function sizeAt(schema: JsonObject, keyword: string, at: string): number | null {
  const decimal = decimalAt(schema, keyword, at);
  if (decimal === null) return null;
  const value = timesIn(decimal, ONE);
  if (value === null || value < 0n) throw new SchemaProblem(`${at}/${keyword}`, 'expected a whole number');
  return Number(value);
}

/** Two sizes, the lesser first. Throws where the first is not the lesser. */
export function sizesAt(
  schema: JsonObject,
  least: string,
  most: string,
  at: string,
): { readonly min: number; readonly max: number | null } {
  const [min, max] = [sizeAt(schema, least, at) ?? 0, sizeAt(schema, most, at)];
  if (max !== null && max < min) throw new SchemaProblem(`${at}/${most}`, `expected at least ${min}, as ${least} says`);
  return { min, max };
}

export function flagAt(schema: JsonObject, keyword: string, at: string): boolean {
  const value = schema[keyword] ?? false;
  if (typeof value !== 'boolean') throw new SchemaProblem(`${at}/${keyword}`, 'expected true or false');
  return value;
}

export function patternAt(schema: JsonObject, at: string): RegExp | null {
  const pattern = schema['pattern'];
  if (pattern === undefined) return null;
  try {
    if (typeof pattern === 'string') return new RegExp(pattern, 'u');
  } catch (cause) {
    throw new SchemaProblem(`${at}/pattern`, `expected a regular expression: ${(cause as Error).message}`);
  }
  throw new SchemaProblem(`${at}/pattern`, 'expected a regular expression');
}

export function formatAt(schema: JsonObject, at: string): Format | null {
  const format = schema['format'];
  if (format === undefined) return null;
  if (typeof format === 'string' && isFormat(format)) return format;
  const what = `the format ${JSON.stringify(format)} is not supported`;
  throw new SchemaProblem(
    `${at}/format`,
    `${what}; there are ${Object.keys(FORMATS).join(', ')}, or say it by a pattern`,
  );
}

function isFormat(name: string): name is Format {
  return Object.hasOwn(FORMATS, name);
}

/** Rules beside one that stands alone here would be lost. */
export function refuseBeside(schema: JsonObject, allowed: readonly string[], at: string): void {
  const strange = Object.keys(schema).find((keyword) => !WORDS_ONLY.has(keyword) && !allowed.includes(keyword));
  if (strange === undefined) return;
  throw new SchemaProblem(`${at}/${escaped(strange)}`, `${strange} beside ${allowed[0] ?? ''} is not supported`);
}

export function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
