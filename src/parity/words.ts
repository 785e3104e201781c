const WORD = /[A-Za-z_][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*/g;
const SHORTEST = 2;
const LONGEST = 40;
/** A text in a library is followed by its neighbour or by a NUL; shorter ones are most likely code. */
const SHORTEST_RUN = 3;
const MOST_WORDS = 1_000;

/** Words of texts, such as names of members. */
export function wordsIn(text: string): readonly string[] {
  return (text.match(WORD) ?? []).filter(({ length }) => length >= SHORTEST && length <= LONGEST);
}

/**
 * Words that stand in all of these files: what a library and its port both have in them are the names and texts of what
 * they do. At most 1,000, in the order of the first file.
 */
export function commonWords(files: readonly Uint8Array[]): readonly string[] {
  const [first, ...others] = files.map(textsIn);
  if (first === undefined) return [];
  return [...first].filter((word) => others.every((other) => other.has(word))).slice(0, MOST_WORDS);
}

function textsIn(bytes: Uint8Array): ReadonlySet<string> {
  const words = new Set<string>();
  let from = -1;
  for (let at = 0; at <= bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    const printable = byte >= 0x20 && byte < 0x7f;
    if (printable && from < 0) from = at;
    if (printable || from < 0) continue;
    if (at - from >= SHORTEST_RUN) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, at - from).toString('latin1');
      for (const word of wordsIn(text)) words.add(word);
    }
    from = -1;
  }
  return words;
}
