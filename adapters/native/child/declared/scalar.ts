import type { Range, ScalarType } from './c-type.js';
import { BadOutput, BadRequest } from './misfit.js';

export type Scalar = number | bigint | boolean;

/** A JSON value as a scalar of C. Throws {@link BadRequest} with the value's `pointer`. */
export function scalarOf(value: unknown, type: ScalarType, pointer: string): Scalar {
  switch (type.kind) {
    case 'floating':
      return floating(value, type.koffi, pointer);
    case 'bool':
      if (typeof value !== 'boolean') throw new BadRequest('expected true or false', pointer);
      return value;
    case 'integer':
      return integer(value, type.written, type.range, pointer);
    default:
      return type satisfies never;
  }
}

/** A scalar of C as a JSON value: integers beyond 2^53 as strings. Throws {@link BadOutput} for NaN and the infinities. */
export function jsonOf(value: Scalar, type: ScalarType): number | boolean | string {
  // koffi gives 2^53 itself as a number.
  if (type.kind === 'integer') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new BadOutput('it returned a number that JSON has no word for');
  return typeof value === 'bigint' ? String(value) : value;
}

function floating(value: unknown, type: 'float' | 'double', pointer: string): number {
  if (typeof value !== 'number') throw new BadRequest('expected a number', pointer);
  // JSON can say 1e999, which is read as an infinity.
  if (!Number.isFinite(type === 'float' ? Math.fround(value) : value))
    throw new BadRequest(`out of the range of ${type}`, pointer);
  return value;
}

/** Beyond 2^53 a JSON number may not be what was written: there a string of digits is asked for. */
function integer(value: unknown, type: string, range: Range, pointer: string): number | bigint {
  const whole =
    typeof value === 'number' && Number.isSafeInteger(value)
      ? value
      : typeof value === 'string' && /^-?\d{1,20}$/.test(value)
        ? BigInt(value)
        : null;
  if (whole === null) throw new BadRequest('expected a whole number (beyond 2^53 as a string of digits)', pointer);
  if (whole < range.min || whole > range.max) throw new BadRequest(`out of the range of ${type}`, pointer);
  return whole;
}
