import { isList, type Json, type JsonObject } from './json.js';
import { FORMATS, type Format, type NumberShape } from './shape.js';

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
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type TypeName = (typeof TYPES)[number];

/** Every keyword that is understood. */
export const SUPPORTED = new Set([
  ...WORDS_ONLY,
  ...['type', 'enum', 'const', 'oneOf', 'anyOf', '$ref'],
  ...Object.values(KEYWORDS).flat(),
]);

export function valuesOf(schema: JsonObject, at: string): readonly Json[] | null {
  if (schema['const'] !== undefined) {
    refuseBeside(schema, ['const', 'type'], at);
    return [schema['const']];
  }
  const values = schema['enum'];
  if (values === undefined) return null;
  refuseBeside(schema, ['enum', 'type'], at);
  if (!isList(values) || values.length === 0) throw new SchemaProblem(`${at}/enum`, 'expected a list of values');
  return values;
}

/** Where no type is written, the keywords tell. */
export function typesOf(schema: JsonObject, at: string): readonly TypeName[] {
  const written = schema['type'];
  if (written === undefined)
    return TYPES.filter(
      (type) => type !== 'integer' && KEYWORDS[type].some((keyword) => schema[keyword] !== undefined),
    );
  const types = isList(written) ? written : [written];
  return types.map((type) => {
    const known = TYPES.find((each) => each === type);
    if (known === undefined) throw new SchemaProblem(`${at}/type`, `expected ${TYPES.join(', ')}`);
    return known;
  });
}

export function numberOf(type: 'number' | 'integer', schema: JsonObject, at: string): NumberShape {
  const [min, max] = [numberAt(schema, 'minimum', at), numberAt(schema, 'maximum', at)];
  const [above, below] = [numberAt(schema, 'exclusiveMinimum', at), numberAt(schema, 'exclusiveMaximum', at)];
  const step = numberAt(schema, 'multipleOf', at);
  if (step !== null && step <= 0) throw new SchemaProblem(`${at}/multipleOf`, 'expected a number above 0');
  const aboveMin = above !== null && (min === null || above >= min);
  const belowMax = below !== null && (max === null || below <= max);
  const shape: NumberShape = {
    kind: 'number',
    whole: type === 'integer',
    min: aboveMin ? above : min,
    max: belowMax ? below : max,
    aboveMin,
    belowMax,
    step,
  };
  if (!isAnyWithin(shape)) throw new SchemaProblem(at, 'no number is within these limits');
  return shape;
}

function isAnyWithin(shape: NumberShape): boolean {
  const { min, max, aboveMin, belowMax } = shape;
  const multiples = multiplesOf(shape);
  if (multiples !== null) return (multiples.least ?? -Infinity) <= (multiples.most ?? Infinity);
  return min === null || max === null || (aboveMin || belowMax ? min < max : min <= max);
}

/** Which multiples of its step are within a number's limits (null: no limit); null where it has none. */
export function multiplesOf({ whole, min, max, step, aboveMin, belowMax }: NumberShape) {
  const unit = step ?? (whole ? 1 : null);
  if (unit === null) return null;
  const [lowest, highest] = [min === null ? null : min / unit, max === null ? null : max / unit];
  const isLeftOut = (edge: number, isStrict: boolean): number => (isStrict && Number.isInteger(edge) ? 1 : 0);
  return {
    unit,
    least: lowest === null ? null : Math.ceil(lowest) + isLeftOut(lowest, aboveMin),
    most: highest === null ? null : Math.floor(highest) - isLeftOut(highest, belowMax),
  };
}

function numberAt(schema: JsonObject, keyword: string, at: string): number | null {
  const value = schema[keyword];
  if (value === undefined) return null;
  if (typeof value !== 'number') throw new SchemaProblem(`${at}/${keyword}`, 'expected a number');
  return value;
}

function sizeAt(schema: JsonObject, keyword: string, at: string): number | null {
  const value = numberAt(schema, keyword, at);
  if (value !== null && (!Number.isInteger(value) || value < 0))
    throw new SchemaProblem(`${at}/${keyword}`, 'expected a whole number');
  return value;
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
