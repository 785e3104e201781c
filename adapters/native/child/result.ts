import type { TypeObject } from 'koffi';
import { integerRange, isFloating } from './integer.js';

/** Why a C type has no JSON form here; null when it has. */
export function wrongWithJsonResult(type: TypeObject): string | null {
  if (type.primitive === 'Void' || type.primitive === 'Bool' || isFloating(type) || integerRange(type) !== null)
    return null;
  return `a result of type ${type.name} cannot be answered as JSON`;
}

/** A C result as JSON text: integers beyond 2^53 as strings, void as null. Null for NaN and the infinities. */
export function resultAsJson(value: number | bigint | boolean | null | undefined): string | null {
  if (value === undefined || value === null) return 'null';
  if (typeof value === 'bigint') return isSafe(value) ? String(value) : `"${value}"`;
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  return JSON.stringify(value);
}

function isSafe(value: bigint): boolean {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER);
}
