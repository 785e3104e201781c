import { type Decimal, inOrder, ONE, timesBelow, timesIn, wholeMultiple, writtenAs } from './decimal.js';
import { type JsonObject, WrittenNumber } from './json.js';
import { decimalAt, SchemaProblem } from './schema-keywords.js';
import type { Limit, MultiplesShape, NumberShape } from './shape.js';

/** What a schema says of numbers. */
export function numberOf(type: 'number' | 'integer', schema: JsonObject, at: string): NumberShape | MultiplesShape {
  const step = decimalAt(schema, 'multipleOf', at);
  if (step !== null && step.digits <= 0n) throw new SchemaProblem(`${at}/multipleOf`, 'expected a number above 0');
  const min = limitOf(schema, ['minimum', 'exclusiveMinimum'], -1, at);
  const max = limitOf(schema, ['maximum', 'exclusiveMaximum'], 1, at);
  const unit = type === 'integer' ? wholeMultiple(step ?? ONE) : step;
  if (unit === null) return anyNumber(min, max, at);
  const least = min === null ? null : firstFrom(min, unit);
  const most = max === null ? null : lastTo(max, unit);
  if (least !== null && most !== null && least > most) throw nothingWithin(at);
  return { kind: 'multiples', unit, least, most };
}

function anyNumber(min: Limit | null, max: Limit | null, at: string): NumberShape {
  for (const limit of [min, max])
    if (limit !== null && !Number.isFinite(doubleOf(limit.value)))
      throw new SchemaProblem(at, 'expected limits between -1.79e308 and 1.79e308');
  const order = min === null || max === null ? -1 : inOrder(min.value, max.value);
  if (order > 0 || (order === 0 && (min?.isOutside === true || max?.isOutside === true))) throw nothingWithin(at);
  return { kind: 'number', min, max };
}

function nothingWithin(at: string): SchemaProblem {
  return new SchemaProblem(at, 'no number is within these limits');
}

/** The nearest that JavaScript holds. */
export function doubleOf(decimal: Decimal): number {
  const written = writtenAs(decimal);
  return written instanceof WrittenNumber ? Number(written.text) : written;
}

/** The stricter of two keywords; `sign` is that of numbers that are beyond the limit. */
function limitOf(schema: JsonObject, keywords: readonly [string, string], sign: 1 | -1, at: string): Limit | null {
  const [inside, outside] = [decimalAt(schema, keywords[0], at), decimalAt(schema, keywords[1], at)];
  if (outside !== null && (inside === null || inOrder(inside, outside) * sign >= 0))
    return { value: outside, isOutside: true };
  return inside === null ? null : { value: inside, isOutside: false };
}

function firstFrom({ value, isOutside }: Limit, unit: Decimal): bigint {
  const times = timesBelow(value, unit);
  return timesIn(value, unit) !== null && !isOutside ? times : times + 1n;
}

function lastTo({ value, isOutside }: Limit, unit: Decimal): bigint {
  const times = timesBelow(value, unit);
  return timesIn(value, unit) !== null && isOutside ? times - 1n : times;
}
