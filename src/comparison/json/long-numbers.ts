import { decimalOf, spellingOf } from './decimal.js';
import { BACKSLASH, COLON, isSpace, QUOTE } from './tokens.js';

/** Any decimal number of so many digits comes out of a double as it went in; of more digits, not every one. */
const DIGITS = 15;

/** The powers of ten between which that holds. */
const LOWEST = -290n;
const HIGHEST = 300n;

/** `1e100` */
const SHORTEST = 5;

/** Characters up to which a number is spelled out rather than with an exponent, however it is written. */
const SPELLED_OUT = 40;

/** Bytes by which a marked number may be longer than it was written. */
const ROOM = 128;

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const BIG_E = 0x45;
const SMALL_E = 0x65;

/** Whether a document may hold numbers that a double does not: looked for quickly, and in strings as well. */
export function hasLongNumbers(bytes: Buffer): boolean {
  // Of sixteen bytes in a row one is looked at: more than fifteen digits and a dot cannot hide between them.
  for (let at = DIGITS; at < bytes.length; at += DIGITS + 1) {
    if (!isDigitOrDot(bytes[at])) continue;
    let from = at;
    while (isDigitOrDot(bytes[from - 1])) from--;
    let to = at;
    while (isDigitOrDot(bytes[to + 1])) to++;
    if (to - from >= DIGITS) return true;
  }
  return /[eE][+-]?\d{3}/.test(bytes.toString('latin1'));
}

/**
 * The document with strings that begin with `mark` in place of the numbers that a double might not hold, each in the one
 * spelling of its value. What is no JSON does not become JSON by it.
 */
export function withMarkedNumbers(bytes: Buffer, mark: string): string {
  const size = bytes.length;
  const opening = Buffer.from(`"${mark}`);
  let marked = Buffer.allocUnsafe(2 * size + ROOM);
  let length = 0;
  // Byte by byte: to put pieces of text together takes several times as long.
  for (let at = 0; at < size;) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      marked[length++] = bytes[at++] ?? 0;
      while (at < size) {
        const inside = bytes[at++] ?? 0;
        marked[length++] = inside;
        if (inside === QUOTE) break;
        if (inside === BACKSLASH && at < size) marked[length++] = bytes[at++] ?? 0;
      }
    } else if (byte === MINUS || (byte >= ZERO && byte <= NINE)) {
      let end = at + 1;
      let dots = 0;
      let isPlain = true;
      for (; end < size; end++) {
        const next = bytes[end] ?? 0;
        if (next >= ZERO && next <= NINE) continue;
        if (next === DOT) dots++;
        else if (next === SMALL_E || next === BIG_E || next === MINUS || next === PLUS) isPlain = false;
        else break;
      }
      const isShort = isPlain ? end - at <= DIGITS : end - at < SHORTEST;
      const form = isShort ? HELD : formOf(bytes, at, end, isPlain ? dots : null);
      for (let next = 0; form !== HELD && next < opening.length; next++) marked[length++] = opening[next] ?? 0;
      if (form === HELD || form === SPELLED) while (at < end) marked[length++] = bytes[at++] ?? 0;
      else length += marked.write(form, length);
      at = end;
      if (form === HELD) continue;
      marked[length++] = QUOTE;
      const rest = size - at + ROOM;
      if (marked.length - length < rest) marked = Buffer.concat([marked.subarray(0, length)], 2 * length + rest);
    } else {
      marked[length++] = byte;
      at++;
    }
  }
  return marked.toString('utf8', 0, length);
}

/** A number that every double holds, or no number at all. */
const HELD = 0;
/** One that a double might not hold, written in the one spelling of its value. */
const SPELLED = 1;

/**
 * {@link HELD}, {@link SPELLED}, or the spelling of a number that is written otherwise. `dots`: how many there are, where
 * beside digits there is nothing else behind what it begins with; else null.
 */
function formOf(bytes: Buffer, from: number, end: number, dots: number | null): typeof HELD | typeof SPELLED | string {
  // In place of a key a number is a mistake, which a string would hide.
  if (isKey(bytes, end)) return HELD;
  const digits = dots === null || end - from > SPELLED_OUT ? null : digitsOfSpelling(bytes, from, end, dots);
  if (digits !== null) return digits > DIGITS ? SPELLED : HELD;
  const written = bytes.toString('latin1', from, end);
  if (!isJsonNumber(written)) return HELD;
  const decimal = decimalOf(written);
  const top = BigInt(decimal.digits.length) + decimal.exponent;
  const isHeld = decimal.digits === '' || (decimal.digits.length <= DIGITS && top > LOWEST && top < HIGHEST);
  return isHeld ? HELD : spellingOf(decimal);
}

/** How many digits there are without zeros at either end, if a number is written in the one spelling of its value. */
function digitsOfSpelling(bytes: Buffer, from: number, end: number, dots: number): number | null {
  const first = bytes[from] === MINUS ? from + 1 : from;
  const isFraction = bytes[first] === ZERO && bytes[first + 1] === DOT;
  let start = isFraction ? first + 2 : first;
  while (isFraction && bytes[start] === ZERO) start++;
  let last = end - 1;
  while (dots === 0 && bytes[last] === ZERO) last--;
  // Neither a zero nor a dot may be at either end now, and that is enough, since the rest are digits.
  const isSpelled = dots <= 1 && start <= last && (bytes[start] ?? 0) > ZERO && (bytes[last] ?? 0) > ZERO;
  return isSpelled ? last + 1 - start - (isFraction ? 0 : dots) : null;
}

function isJsonNumber(written: string): boolean {
  try {
    return typeof JSON.parse(written) === 'number';
  } catch {
    return false;
  }
}

function isKey(bytes: Buffer, end: number): boolean {
  let at = end;
  while (isSpace(bytes[at])) at++;
  return bytes[at] === COLON;
}

function isDigitOrDot(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= ZERO && byte <= NINE) || byte === DOT);
}
