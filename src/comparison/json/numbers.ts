import { areClose, orderOf, type Tolerance } from './decimal.js';
import type { Json } from './value.js';

/** How the numbers of two documents are written and compared. */
export interface Numbers {
  /** See {@link ParsedPair.mark}. */
  readonly mark: string | null;
  /** Null: only the same value is the same. */
  readonly tolerance: Tolerance | null;
}

/** A number of a document: as a double, or marked. */
export type Spelled = number | string;

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export function typeOf(value: Json, { mark }: Numbers): JsonType {
  switch (typeof value) {
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return mark !== null && value.startsWith(mark) ? 'number' : 'string';
    default:
      return value === null ? 'null' : Array.isArray(value) ? 'array' : 'object';
  }
}

/** One text for each value of a number. */
export function spell(value: Spelled, { mark }: Numbers): string {
  return typeof value === 'number' ? String(value) : value.slice(mark?.length ?? 0);
}

/** Less than 0, 0 or more, as the first is less than the second, the same or more: by value, without rounding. */
export function orderOfNumbers(one: Spelled, other: Spelled, numbers: Numbers): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return one === other ? 0 : orderOf(spell(one, numbers), spell(other, numbers));
}

function isSpelled(value: Json): value is Spelled {
  return typeof value === 'number' || typeof value === 'string';
}

/** What a distance of two doubles may be wrong by, their own rounding included: relative, and generous. */
const ROUNDING = 2 ** -50;

/** Whether two numbers, which are not the same, are near enough to one another. */
export function areWithin(left: Json, right: Json, numbers: Numbers): boolean {
  const { tolerance } = numbers;
  if (tolerance === null || !isSpelled(left) || !isSpelled(right)) return false;
  const [one, other] = [doubleOf(left, numbers), doubleOf(right, numbers)];
  const larger = Math.max(Math.abs(one), Math.abs(other));
  const allowed = Math.max(tolerance.absolute, tolerance.relative * larger);
  const distance = Math.abs(one - other);
  const doubt = (larger + allowed) * ROUNDING;
  if (distance > allowed + doubt) return false;
  if (distance < allowed - doubt) return true;
  return areClose(spell(left, numbers), spell(right, numbers), tolerance);
}

function doubleOf(number: Spelled, numbers: Numbers): number {
  return typeof number === 'number' ? number : Number(spell(number, numbers));
}
