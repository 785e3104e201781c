import { RefusedRequest } from './refused-request.js';

/** Query parameters of a request. One that its path does not know is refused: a misspelt `dry-run` must not flip. */
export function queryOf(url: string, known: readonly string[]): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  const start = url.indexOf('?');
  for (const [key, value] of new URLSearchParams(start === -1 ? '' : url.slice(start))) {
    if (!known.includes(key)) {
      const takes = known.length === 0 ? 'this path takes none' : `this path takes ${known.join(', ')}`;
      throw malformed(`query parameter ${JSON.stringify(key)} is not known: ${takes}`);
    }
    if (query.has(key)) throw malformed(`query parameter ${key} is given twice`);
    query.set(key, value);
  }
  return query;
}

export function flag(query: ReadonlyMap<string, string>, key: string): boolean {
  const value = query.get(key) ?? 'false';
  if (value !== 'true' && value !== 'false') throw malformed(`${key} is true or false, not ${JSON.stringify(value)}`);
  return value === 'true';
}

/** A whole number from 1 to `max`. */
export function count(query: ReadonlyMap<string, string>, key: string, fallback: number, max: number): number {
  const value = query.get(key);
  if (value === undefined) return fallback;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > max) throw malformed(`${key} is a number from 1 to ${max}, not ${JSON.stringify(value)}`);
  return number;
}

/** One of a few words; the first of them where nothing is said. */
export function choice<Word extends string>(
  query: ReadonlyMap<string, string>,
  key: string,
  words: readonly [Word, ...Word[]],
): Word {
  const value = query.get(key);
  if (value === undefined) return words[0];
  const word = words.find((each) => each === value);
  if (word === undefined) throw malformed(`${key} is ${words.join(' or ')}, not ${JSON.stringify(value)}`);
  return word;
}

function malformed(detail: string): RefusedRequest {
  return new RefusedRequest({ code: 'bad-request', detail });
}
