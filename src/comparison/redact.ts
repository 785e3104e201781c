import { viewOf } from './compare-bytes.js';
import { parse } from './json/parse.js';
import { isIgnored, rulesOf, type Rules } from './json/rules.js';
import {
  ARRAY,
  COLON,
  COMMA,
  END_OF_ARRAY,
  END_OF_OBJECT,
  endOfString,
  endOfValue,
  isSpace,
  OBJECT,
} from './json/tokens.js';
import { REDACTED, redactionRules } from './hide.js';

/** What stands for a body in which nothing can be pointed at. */
const NO_JSON = Buffer.from('[redacted: no JSON]');

const HIDDEN = Buffer.from(JSON.stringify(REDACTED));

/**
 * A body without the values at these JSON pointers (`*` is any member): each is `"[redacted]"`, and the rest stays byte for
 * byte as it was. Bytes that are no JSON are replaced as a whole, unless there are no pointers.
 */
export function redacted(body: Uint8Array, pointers: readonly string[]): Uint8Array {
  const rules = redactionRules(pointers);
  if (rules === null) return body;
  const bytes = viewOf(body);
  if (parse(bytes) === undefined) return NO_JSON;
  const pieces: Uint8Array[] = [];
  let kept = 0;
  for (const { from, end } of placesOf(bytes, rules)) {
    pieces.push(bytes.subarray(kept, from), HIDDEN);
    kept = end;
  }
  return kept === 0 ? body : Buffer.concat([...pieces, bytes.subarray(kept)]);
}

/** An array or object that has begun: what holds in it, and the index that comes next (in an object null). */
interface Open {
  readonly rules: Rules;
  index: number | null;
}

/** Where the values stand, in their order, that a rule takes out of a JSON document. */
function* placesOf(bytes: Buffer, root: Rules): Generator<{ readonly from: number; readonly end: number }> {
  const open: Open[] = [];
  let rules = root;
  let isKey = false;
  // Some writers put a byte order mark in front.
  for (let at = bytes[0] === 0xef ? 3 : 0; at < bytes.length;) {
    const byte = bytes[at];
    const inside = open.at(-1);
    if (isSpace(byte) || byte === COLON) {
      at++;
    } else if (byte === END_OF_ARRAY || byte === END_OF_OBJECT) {
      open.pop();
      at++;
    } else if (byte === COMMA && inside !== undefined) {
      if (inside.index === null) isKey = true;
      else rules = rulesOf(inside.rules, ++inside.index);
      at++;
    } else if (isKey && inside !== undefined) {
      const end = endOfString(bytes, at);
      rules = rulesOf(inside.rules, JSON.parse(bytes.toString('utf8', at, end)) as string);
      isKey = false;
      at = end;
    } else if (rules !== null && !isIgnored(rules) && (byte === ARRAY || byte === OBJECT)) {
      open.push({ rules, index: byte === ARRAY ? 0 : null });
      isKey = byte === OBJECT;
      if (byte === ARRAY) rules = rulesOf(rules, 0);
      at++;
    } else {
      const end = endOfValue(bytes, at);
      if (isIgnored(rules)) yield { from: at, end };
      at = end;
    }
  }
}
