import type { CType } from './c-type.js';

/** Why a function's result cannot be answered in this form; null when it can. */
export function wrongWithResult(as: 'json' | 'text', type: CType): string | null {
  if (as === 'text')
    return type.kind === 'pointer' && type.to === 'char'
      ? null
      : `text needs a function that returns char *, not ${type.written}`;
  return type.kind === 'pointer' ? `a result of type ${type.written} cannot be answered as JSON` : null;
}

/** A C result as JSON text: integers beyond 2^53 as strings, void as null. Null for NaN and the infinities. */
export function resultAsJson(value: number | bigint | boolean | null | undefined, type: CType): string | null {
  if (value === undefined || value === null) return 'null';
  // koffi gives 2^53 itself as a number.
  if (type.kind === 'integer') return Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`;
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  return JSON.stringify(value);
}
