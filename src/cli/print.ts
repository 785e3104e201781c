import { styleText } from 'node:util';

/** Control characters, except tab and line feed: what a gateway answers must not steer a terminal. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

export function printLine(line = ''): void {
  process.stdout.write(`${line.replaceAll(CONTROL, '\ufffd')}\n`);
}

/** Prints a document as it came. */
export function printRaw(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printError(line: string): void {
  process.stderr.write(`${line.replaceAll(CONTROL, '\ufffd')}\n`);
}

/** Prints rows under a head, columns as wide as they need. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const [first = '', ...others] = tableLines(head, rows);
  process.stdout.write(`${styleText('bold', first, { stream: process.stdout })}\n`);
  for (const line of others) printLine(line);
}

/** The same as lines, without a style. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  return [head, ...rows].map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A text in lines of at most so many characters, broken between words; a longer word has a line of its own. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
