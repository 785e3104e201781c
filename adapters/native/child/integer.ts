import type { TypeObject } from 'koffi';

/** Bounds of an integer type, inclusive. */
export interface Range {
  readonly min: bigint;
  readonly max: bigint;
}

/** The range of a C integer type of this machine's byte order; null for every other type. */
export function integerRange(type: TypeObject): Range | null {
  const match = /^(U?)Int(8|16|32|64)$/.exec(type.primitive);
  if (match === null) return null;
  const bits = BigInt(match[2] ?? '');
  if (match[1] === 'U') return { min: 0n, max: (1n << bits) - 1n };
  return { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n };
}

export function isFloating(type: TypeObject): boolean {
  return type.primitive === 'Float32' || type.primitive === 'Float64';
}
