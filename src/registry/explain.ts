import type { z } from 'zod';
import { nearest } from '../domain/nearest.js';
import { knownKeys } from '../schema/known-keys.js';
import { findUnsupported, type Unsupported } from '../schema/unsupported.js';
import { describeFound, valueAt } from './found.js';
import type { Mistake, Path } from './mistake.js';
import type { YamlDocument } from './yaml-document.js';

type Issue = z.core.$ZodIssue;

/**
 * Checks a document against a schema: its parsed form, or every mistake at once. `result` is null when there is one.
 * A part of the schema says "expected …" in its own message where zod's would not help.
 */
export function checkShape<Schema extends z.ZodType>(
  document: YamlDocument,
  schema: Schema,
  unsupported: readonly Unsupported[],
): { readonly result: z.output<Schema> | null; readonly mistakes: readonly Mistake[] } {
  const parsed = schema.safeParse(document.value, { error: expectation });
  if (parsed.success) return { result: parsed.data, mistakes: [] };
  const explain = (issue: Issue, parent: Path): Mistake[] => {
    const path = [...parent, ...issue.path];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => unknownKey([...path, key], issue.message));
      case 'invalid_key':
        return [
          { path, at: 'key', message: `${issue.issues[0]?.message ?? ''}, found ${JSON.stringify(path.at(-1))}` },
        ];
      case 'invalid_union':
        if (issue.message === '') return likeliest(issue.errors).flatMap((inner) => explain(inner, path));
        return [wrongValue(path, issue.message, 'other')];
      case 'custom':
        return [wrongValue(path, issue.message, 'rule')];
      default:
        return [wrongValue(path, issue.message, issue.code === 'invalid_type' ? issue.expected : 'other')];
    }
  };
  return { result: null, mistakes: parsed.error.issues.flatMap((issue) => explain(issue, [])) };

  function unknownKey(path: Path, knownKeys: string): Mistake {
    const key = String(path.at(-1));
    const refused = findUnsupported(unsupported, path, valueAt(document.value, path));
    if (refused !== null) return { path, at: 'key', message: notSupported(`\`${key}\``, refused) };
    const meant = nearest(key, knownKeys.split(', '));
    const message =
      meant === null
        ? `unknown key \`${key}\`; known keys here: ${knownKeys}`
        : `unknown key \`${key}\`; did you mean \`${meant}\`? Known keys here: ${knownKeys}`;
    return { path, at: 'key', message };
  }

  function wrongValue(path: Path, expected: string, wanted: string): Mistake {
    const value = valueAt(document.value, path);
    if (value === undefined) return { path, at: 'key', message: `missing key \`${String(path.at(-1))}\`: ${expected}` };
    const refused = findUnsupported(unsupported, path, value);
    const found = describeFound(value, document.source(path));
    if (refused !== null) return { path, at: 'value', message: notSupported(found, refused) };
    // A rule about a whole mapping has nothing to show.
    if (wanted === 'rule' && typeof value === 'object' && value !== null)
      return { path, at: 'value', message: expected };
    const hint = wanted === 'string' && typeof value !== 'object' ? `; write it in quotes: "${found}"` : '';
    return { path, at: 'value', message: `${expected}, found ${found}${hint}` };
  }
}

function notSupported(what: string, { instead }: Unsupported): string {
  return `${what} is not supported in this version yet${instead === undefined ? '' : `: ${instead}`}`;
}

/**
 * Of the branches of a union the one that takes the fewest changes: most counts a value of another kind altogether, then an
 * unknown key; a key counts once, however much is wrong inside it.
 */
function likeliest(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const cost = (issues: readonly Issue[]): number => {
    const keys = new Set(issues.map(({ path }) => path[0]));
    const unknown = issues.reduce(
      (sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0),
      0,
    );
    const isOfAnotherKind = issues.some(({ code, path }) => path.length === 0 && code !== 'unrecognized_keys');
    return (isOfAnotherKind ? 1000 : 0) + 2 * unknown + keys.size;
  };
  return branches.toSorted((a, b) => cost(a) - cost(b))[0] ?? [];
}

/** What a place of a schema expects, in words; for unknown keys the known ones. */
function expectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return knownKeys(issue).join(', ');
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${either(issue.values.map(String))}`;
    case 'too_small':
      return `expected at least ${String(issue.minimum)}${unitOf(issue.origin)}`;
    case 'too_big':
      return `expected at most ${String(issue.maximum)}${unitOf(issue.origin)}`;
    case 'invalid_union':
      return '';
    default:
      return 'expected another value';
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
};

function either(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' items' : '';
}
