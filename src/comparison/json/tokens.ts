export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const ARRAY = 0x5b;
export const BACKSLASH = 0x5c;
export const END_OF_ARRAY = 0x5d;
export const OBJECT = 0x7b;
export const END_OF_OBJECT = 0x7d;

export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** Where the value that begins here ends; the document has to be JSON. */
export function endOfValue(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; ;) {
    const byte = bytes[at];
    if (byte === ARRAY || byte === OBJECT) depth++;
    if (byte === END_OF_ARRAY || byte === END_OF_OBJECT) depth--;
    at = byte === QUOTE ? endOfString(bytes, at) : depth === 0 ? endOfScalar(bytes, at) : at + 1;
    if (depth === 0) return at;
  }
}

/** Behind the closing quote of the string that begins here. */
export function endOfString(bytes: Uint8Array, open: number): number {
  let at = open + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return Math.min(at + 1, bytes.length);
}

/** Behind a number, `true`, `false` or `null`, or a closing bracket. */
function endOfScalar(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isSpace(byte) || byte === COMMA || byte === END_OF_ARRAY || byte === END_OF_OBJECT) return at;
  }
  return at;
}
