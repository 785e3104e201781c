import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { hasLongNumbers, withMarkedNumbers } from './long-numbers.js';
import type { Json } from './value.js';

/** A document's value; undefined where it is no JSON. */
type Parsed = Json | undefined;

export interface ParsedPair {
  readonly left: Parsed;
  readonly right: Parsed;
  /**
   * Numbers that a double might not hold are strings in the values, their one spelling behind this mark, which no string
   * of either document begins with. Null: there are none. Numbers are equal if and only if they are `===`.
   */
  readonly mark: string | null;
}

/** A character that hardly any text has. */
const DELETE = '\x7f';

/** Parses both, with every number's exact value kept. Of duplicate keys the last one counts. */
export function parseBoth(left: Buffer, right: Buffer): ParsedPair {
  if (!hasLongNumbers(left) && !hasLongNumbers(right)) return { left: parse(left), right: parse(right), mark: null };
  const mark = [left, right].some(mayContainDelete) ? DELETE + randomBytes(8).toString('hex') : DELETE;
  const parseMarked = (bytes: Buffer): Parsed =>
    isUtf8(bytes) ? parseText(withMarkedNumbers(bytes, mark)) : undefined;
  return { left: parseMarked(left), right: parseMarked(right), mark };
}

/** The value of a document; undefined where it is no JSON, which is always UTF-8. */
export function parse(bytes: Buffer): Parsed {
  return isUtf8(bytes) ? parseText(bytes.toString()) : undefined;
}

function parseText(text: string): Parsed {
  try {
    // Some writers put a byte order mark in front.
    return JSON.parse(withPlainKeys(text.startsWith('\ufeff') ? text.slice(1) : text)) as Json;
  } catch {
    return undefined;
  }
}

/** A key of one character that is escaped by its code; in a string the quotes would be escaped, too. */
const ESCAPED_KEY = /"\\u([0-9a-fA-F]{4})"(?=\s*:)/g;

/**
 * V8 13.6 (Node 24) takes such a key for a backslash when it has parsed an object of the same shape before, in text that
 * is not Latin-1. So it is written as it is, unless it can be written by an escape alone.
 */
function withPlainKeys(text: string): string {
  // The backslash alone is found several times as fast as after a quote, of which there are many.
  if (!text.includes('\\u')) return text;
  return text.replace(ESCAPED_KEY, (written, code: string) => {
    const character = String.fromCharCode(parseInt(code, 16));
    return JSON.stringify(character).length === 3 ? `"${character}"` : written;
  });
}

function mayContainDelete(bytes: Buffer): boolean {
  return bytes.includes(DELETE) || bytes.includes('\\u007');
}
