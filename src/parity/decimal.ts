import { type JsonNumber, WrittenNumber, writtenNumber } from './json.js';

/** A number exactly as it is written: `digits` × 10^`power`. Numbers that are equal are so in both. */
export interface Decimal {
  readonly digits: bigint;
  readonly power: number;
}

export const ONE: Decimal = { digits: 1n, power: 0 };

/** Digits, and powers of ten, up to which a number is calculated with: a document may say 1e999999999. */
const MOST = 1_000;

/** Null: it is out of bounds. */
export function decimalOf(number: JsonNumber): Decimal | null {
  const written = number instanceof WrittenNumber ? number.text : String(number);
  if (written.length > MOST) return null;
  const [, whole = '', fraction = '', exponent = '0'] = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(written) ?? [];
  const all = whole + fraction;
  const kept = all.replace(/0+$/, '');
  if (kept === '' || kept === '-') return { digits: 0n, power: 0 };
  const power = Number(exponent) - fraction.length + (all.length - kept.length);
  return Math.abs(power) > MOST ? null : { digits: BigInt(kept), power };
}

/** A number of a document, without an exponent. */
export function writtenAs({ digits, power }: Decimal): JsonNumber {
  if (power >= 0) return writtenNumber(String(digits * 10n ** BigInt(power)));
  const sign = digits < 0n ? '-' : '';
  const places = String(digits < 0n ? -digits : digits).padStart(1 - power, '0');
  const fraction = places.slice(power).replace(/0+$/, '');
  return writtenNumber(`${sign}${places.slice(0, power)}${fraction === '' ? '' : `.${fraction}`}`);
}

/** Below 0, 0 or above, as `one` is less than the other, equal or more. */
export function inOrder(one: Decimal, other: Decimal): number {
  const [a, b] = ratioOf(one, other);
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How often `unit`, which is above 0, goes into a number; null where it is not so many times. */
export function timesIn(number: Decimal, unit: Decimal): bigint | null {
  const [a, b] = ratioOf(number, unit);
  return a % b === 0n ? a / b : null;
}

/** The largest multiple of `unit` that is not above a number, in units. */
export function timesBelow(number: Decimal, unit: Decimal): bigint {
  const [a, b] = ratioOf(number, unit);
  return a < 0n && a % b !== 0n ? a / b - 1n : a / b;
}

/** The smallest number that is a multiple of this one and whole. */
export function wholeMultiple({ digits, power }: Decimal): Decimal {
  if (power >= 0) return { digits, power };
  let [a, b] = [digits, 10n ** BigInt(-power)];
  while (b !== 0n) [a, b] = [b, a % b];
  return { digits: digits / a, power: 0 };
}

/** Both without a fraction. */
function ratioOf(one: Decimal, other: Decimal): readonly [bigint, bigint] {
  const shift = one.power - other.power;
  const scale = 10n ** BigInt(Math.abs(shift));
  return shift >= 0 ? [one.digits * scale, other.digits] : [one.digits, other.digits * scale];
}
