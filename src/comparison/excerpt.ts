/** Most characters of an excerpt. */
export const EXCERPT = 120;

/** Characters of an excerpt in front of what it is about. */
const BEFORE = 20;

/** A text, or its beginning, short enough to be shown. */
export function cut(text: string, most = EXCERPT): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 2);
  // Half of a surrogate pair is no character.
  return `${text.slice(0, last >= 0xd800 && last < 0xdc00 ? most - 2 : most - 1)}…`;
}

/** A part of a text in quotes, from a little before `at`. */
export function quoteAround(text: string, at: number): string {
  const from = Math.max(0, at - BEFORE);
  // What is longer in quotes (line ends, control characters) is cut once more.
  const part = text.slice(from, from + EXCERPT);
  const more = from + EXCERPT < text.length;
  return cut(`${from > 0 ? '…' : ''}${JSON.stringify(part)}${more ? '…' : ''}`, EXCERPT);
}
