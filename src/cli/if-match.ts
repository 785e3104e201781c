import { InvalidArgumentError } from 'commander';

/** Reads a revision, or `*`; answers the value of an If-Match header. */
export function parseIfMatch(text: string): string {
  if (text === '*') return text;
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected the number of a revision, or *.');
  return `"${text}"`;
}

/** The precondition that what was just read is still so. */
export function ifMatchHeader(read: { readonly etag: string | null }): Readonly<Record<string, string>> {
  return read.etag === null ? {} : { 'if-match': read.etag };
}
