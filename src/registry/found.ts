import type { Path } from './mistake.js';

/** What stands at a path of a parsed document; undefined where nothing does. */
export function valueAt(value: unknown, path: Path): unknown {
  let here = value;
  for (const part of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, part)) return undefined;
    here = (here as Record<PropertyKey, unknown>)[part];
  }
  return here;
}

/** The keys of a mapping at a path; none where there is no mapping. */
export function keysAt(value: unknown, path: Path): readonly string[] {
  const here = valueAt(value, path);
  return typeof here === 'object' && here !== null && !Array.isArray(here) ? Object.keys(here) : [];
}

/** A value in a few words, for the end of "expected …, found …". `source` is how a scalar was written. */
export function describeFound(value: unknown, source: string | null): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string')
    return source ?? (typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value);
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
