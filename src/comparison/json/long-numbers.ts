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
      while (end < size && isPartOfNumber(bytes[end] ?? 0)) end++;
      // In place of a key a number is a mistake, which a string would hide.
      const form = end - at < SHORTEST || isKey(bytes, end) ? HELD : formOf(bytes, at, end);
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

/** {@link HELD}, {@link SPELLED}, or the spelling of a number that is written otherwise. */
function formOf(bytes: Buffer, from: number, end: number): typeof HELD | typeof SPELLED | string {
  const digits = end - from <= SPELLED_OUT ? digitsOfSpelling(bytes, from, end) : null;
  if (digits !== null) return digits > DIGITS ? SPELLED : HELD;
  const written = bytes.toString('latin1', from, end);
  if (!isJsonNumber(written)) return HELD;
  const decimal = decimalOf(written);
  const top = BigInt(decimal.digits.length) + decimal.exponent;
  const isHeld = decimal.digits === '' || (decimal.digits.length <= DIGITS && top > LOWEST && top < HIGHEST);
  return isHeld ? HELD : spellingOf(decimal);
}

/** How many digits a number has without zeros at either end, if it is written in the one spelling of its value. */
function digitsOfSpelling(bytes: Buffer, from: number, end: number): number | null {
  const first = bytes[from] === MINUS ? from + 1 : from;
  let dot: number | null = null;
  let digits = 0;
  let zeros = 0;
  for (let at = first; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === DOT && dot === null) dot = at;
    else if (byte === ZERO) zeros++;
    else if (byte > ZERO && byte <= NINE) {
      digits += digits === 0 ? 1 : zeros + 1;
      zeros = 0;
    } else return null;
  }
  if (bytes[first] === ZERO && first + 1 < end && dot !== first + 1) return null;
  if (dot !== null && (dot === first || dot === end - 1 || zeros > 0)) return null;
  return digits;
}

function isJsonNumber(written: string): boolean {
  try {
    return typeof JSON.parse(written) === 'number';
  } catch {
    return false;
  }
}

function isPartOfNumber(byte: number): boolean {
  if (byte <= NINE) return (byte >= ZERO && byte <= NINE) || byte === DOT || byte === MINUS || byte === PLUS;
  return byte === SMALL_E || byte === BIG_E;
}

function isKey(bytes: Buffer, end: number): boolean {
  let at = end;
  while (isSpace(bytes[at])) at++;
  return bytes[at] === COLON;
}

function isDigitOrDot(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= ZERO && byte <= NINE) || byte === DOT);
}
