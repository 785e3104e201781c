import type { FileProblem } from '../domain/generation.js';

/** A path into a YAML document. */
export type Path = readonly PropertyKey[];

/** A mistake before its line and column are known. A path that is not there is placed at its nearest parent. */
export interface Mistake {
  readonly path: Path;
  /** Whether the key itself is wrong, or what stands behind it. */
  readonly at: 'key' | 'value';
  readonly message: string;
}

/** Finds the place of a path; lines and columns start at 1. */
export type Place = (path: Path, at: 'key' | 'value') => { readonly line: number; readonly column: number };

const MOST = 100;

/** Mistakes with their places, in the order of the file; of more than a hundred only the first hundred. */
export function placed(file: string, mistakes: readonly Mistake[], place: Place): FileProblem[] {
  const problems = mistakes.map(({ path, at, message }) => ({
    file,
    ...place(path, at),
    path: dotted(path),
    message,
  }));
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const left = problems.length - MOST;
  const last = problems[MOST];
  if (last === undefined) return problems;
  return [...problems.slice(0, MOST), { ...last, path: '', message: `${left} more mistakes from here on` }];
}

/** A path as people write it: `functions.quote.args[0]`, with quotes around what would be misread. */
export function dotted(path: Path): string {
  return path.reduce<string>((written, part) => {
    if (typeof part === 'number') return `${written}[${part}]`;
    const name = String(part);
    if (!/^[\w-]+$/.test(name)) return `${written}[${JSON.stringify(name)}]`;
    return written === '' ? name : `${written}.${name}`;
  }, '');
}
