import { isUtf8 } from 'node:buffer';
import type { CompareRule } from '../domain/comparison.js';
import { viewOf } from './compare-bytes.js';
import { cut, quoteAround } from './excerpt.js';
import { only, SAME, type Differences } from './found.js';

type TextRule = Extract<CompareRule, { readonly as: 'text' }>;

/**
 * Compares texts by what the rule says counts. What is not UTF-8, on either side, is compared as bytes of which those of
 * ASCII have their meaning; a normal form means nothing there.
 */
export function compareText(rule: TextRule, legacy: Uint8Array, wasm: Uint8Array): Differences {
  const encoding = isUtf8(legacy) && isUtf8(wasm) ? 'utf8' : 'latin1';
  const unicode = encoding === 'utf8' ? rule.unicode : null;
  const [one, other] = [legacy, wasm].map((bytes) => {
    const text = viewOf(bytes).toString(encoding);
    return whatCounts({ ...rule, unicode }, text);
  }) as [string, string];
  if (one === other) return SAME;
  const at = firstDifference(one, other);
  return only({ pointer: '', kind: 'value', legacy: show(one, at), wasm: show(other, at) });
}

function whatCounts({ lineEnds, trailingSpace, unicode }: TextRule, text: string): string {
  const normal = unicode === null ? text : text.normalize(unicode);
  const lines = lineEnds === 'any' ? normal.replace(/\r\n?/g, '\n') : normal;
  return trailingSpace === 'any' ? withoutTrailingSpace(lines) : lines;
}

function withoutTrailingSpace(text: string): string {
  // Every other part is a line end.
  const parts = text.split(/(\r\n|\r|\n)/).map((part, index) => (index % 2 === 0 ? trimmed(part) : part));
  let used = parts.length;
  while (used > 0 && (used % 2 === 0 || parts[used - 1] === '')) used--;
  return parts.slice(0, used).join('');
}

/** By hand: a regular expression looks at the rest of a run of spaces from each of them. */
function trimmed(line: string): string {
  let end = line.length;
  while (end > 0 && ' \t\v\f'.includes(line.charAt(end - 1))) end--;
  return line.slice(0, end);
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && at < other.length && one.charCodeAt(at) === other.charCodeAt(at)) at++;
  return at;
}

function show(text: string, at: number): string {
  const line = text.slice(0, at).split(/\r\n|\r|\n/).length;
  return cut(at < text.length ? `line ${line}: ${quoteAround(text, at)}` : `ends in line ${line}`);
}
