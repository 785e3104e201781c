/** Longer ones only lose whole parts: each of their bytes alone would take too long. */
const SHORT = 512;
const SIMPLEST_CHARACTER = 'a'.charCodeAt(0);

/** Bytes that are fewer, or nearer to 0, the most daring first. Every one is simpler: following them ends. */
export function* smallerBytes(bytes: Uint8Array): Generator<Uint8Array> {
  for (const units of shorter([...bytes])) yield Uint8Array.from(units);
  if (bytes.length > SHORT) return;
  for (const [at, byte] of bytes.entries())
    for (const smaller of new Set([0, byte >> 1, byte - (byte >> 2), byte - 1]))
      if (smaller >= 0 && smaller < byte) yield bytes.with(at, smaller);
}

/** The same of text: by whole characters, and nearer to a row of `a`. */
export function* smallerText(bytes: Uint8Array): Generator<Uint8Array> {
  const characters = Array.from(Buffer.from(bytes).toString('utf8'), (character) => character.codePointAt(0) ?? 0);
  const encoded = (codes: readonly number[]): Uint8Array =>
    Buffer.from(codes.map((code) => String.fromCodePoint(code)).join(''), 'utf8');
  for (const units of shorter(characters)) yield encoded(units);
  if (characters.length > SHORT) return;
  for (const [at, code] of characters.entries())
    if (code !== SIMPLEST_CHARACTER) yield encoded(characters.with(at, SIMPLEST_CHARACTER));
}

function* shorter(units: readonly number[]): Generator<readonly number[]> {
  if (units.length > 0) yield [];
  const least = units.length > SHORT ? Math.ceil(units.length / SHORT) : 1;
  for (let size = units.length >> 1; size >= least; size >>= 1)
    for (let at = 0; at + size <= units.length; at += size) yield [...units.slice(0, at), ...units.slice(at + size)];
}
