/** A number exactly as it was written: `digits` × 10^`exponent`. No zeros at either end of the digits; zero has none. */
export interface Decimal {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: bigint;
}

/** Most digits for which a number is written out rather than with an exponent. */
const WRITTEN_OUT = 40n;

/** A number that is so many powers of ten smaller than another one is nothing beside it. */
const NOTHING = 20n;

/** Reads a number of a JSON document. No regular expressions: a number may have millions of digits. */
export function decimalOf(written: string): Decimal {
  const negative = written.startsWith('-');
  const e = Math.max(written.indexOf('e'), written.indexOf('E'));
  const mantissa = written.slice(negative ? 1 : 0, e < 0 ? undefined : e);
  const dot = mantissa.indexOf('.');
  const whole = dot < 0 ? mantissa : mantissa.slice(0, dot);
  const fraction = dot < 0 ? '' : mantissa.slice(dot + 1);
  const all = whole + fraction;
  let from = 0;
  while (from < all.length && all[from] === '0') from++;
  let to = all.length;
  while (to > from && all[to - 1] === '0') to--;
  if (from === to) return { negative: false, digits: '', exponent: 0n };
  const given = e < 0 ? 0n : BigInt(written.slice(written[e + 1] === '+' ? e + 2 : e + 1));
  return { negative, digits: all.slice(from, to), exponent: given - BigInt(fraction.length) + BigInt(all.length - to) };
}

/** The one way in which a value is written: equal numbers are equal texts. */
export function spellingOf({ negative, digits, exponent }: Decimal): string {
  const sign = negative ? '-' : '';
  if (digits === '') return '0';
  if (exponent >= 0n && exponent <= WRITTEN_OUT) return sign + digits + '0'.repeat(Number(exponent));
  const before = BigInt(digits.length) + exponent;
  if (exponent < 0n && before > -WRITTEN_OUT) {
    const at = Number(before);
    return at > 0 ? `${sign}${digits.slice(0, at)}.${digits.slice(at)}` : `${sign}0.${'0'.repeat(-at)}${digits}`;
  }
  return `${sign}${digits}e${exponent}`;
}

/** Numbers are the same that are no further apart than one of these allows; `relative` is of the larger one. */
export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** Whether two written numbers are the same, decided without rounding. */
export function areClose(left: string, right: string, { absolute, relative }: Tolerance): boolean {
  const [a, b] = [decimalOf(left), decimalOf(right)];
  if (spellingOf(a) === spellingOf(b)) return true;
  const larger = isAtMost(a, b) ? b : a;
  const smaller = larger === a ? b : a;
  const allowed = [positive(decimalOf(String(absolute))), product(larger, decimalOf(String(relative)))];
  const isFar = smaller.digits === '' || topOf(larger) - topOf(smaller) > NOTHING;
  const distance = isFar ? positive(larger) : distanceOf(larger, smaller);
  return allowed.some((each) => isAtMost(distance, each));
}

/**
 * Less than 0, 0 or more, as the first of two written numbers is less than the second, the same or more. Of one value there
 * must be one spelling.
 */
export function orderOf(left: string, right: string): number {
  if (left === right) return 0;
  const negative = left.startsWith('-');
  if (negative !== right.startsWith('-')) return negative ? -1 : 1;
  return isSmaller(left, right) !== negative ? -1 : 1;
}

/** Of two numbers of the same sign that are not the same. */
function isSmaller(left: string, right: string): boolean {
  // Most are written out: then the number of digits in front decides, or the text, in which the point is at the same place.
  if (!left.includes('e') && !right.includes('e')) {
    const before = wholeDigits(left) - wholeDigits(right);
    return before === 0 ? left < right : before < 0;
  }
  return isAtMost(decimalOf(left), decimalOf(right));
}

function wholeDigits(written: string): number {
  const dot = written.indexOf('.');
  return dot < 0 ? written.length : dot;
}

/** Compares by magnitude. */
function isAtMost(a: Decimal, b: Decimal): boolean {
  if (a.digits === '' || b.digits === '') return a.digits === '';
  if (topOf(a) !== topOf(b)) return topOf(a) < topOf(b);
  // Both are 0.digits × 10^top.
  return a.digits <= b.digits;
}

/** The power of ten above a number. */
function topOf({ digits, exponent }: Decimal): bigint {
  return BigInt(digits.length) + exponent;
}

/** Of two numbers of which neither is zero. */
function distanceOf(a: Decimal, b: Decimal): Decimal {
  const bottom = a.exponent < b.exponent ? a.exponent : b.exponent;
  const distance = coefficientAt(a, bottom) - coefficientAt(b, bottom);
  return positive(decimalOf(`${distance}e${bottom}`));
}

function coefficientAt({ negative, digits, exponent }: Decimal, bottom: bigint): bigint {
  const value = BigInt(digits) * 10n ** (exponent - bottom);
  return negative ? -value : value;
}

function product(a: Decimal, b: Decimal): Decimal {
  if (a.digits === '' || b.digits === '') return { negative: false, digits: '', exponent: 0n };
  return positive(decimalOf(`${BigInt(a.digits) * BigInt(b.digits)}e${a.exponent + b.exponent}`));
}

function positive(decimal: Decimal): Decimal {
  return { ...decimal, negative: false };
}
