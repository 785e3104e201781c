import {
  type Comparison,
  type ComparisonResult,
  COMPARISON_RESULTS,
  type DifferenceKind,
  placeOf,
} from '../domain/comparison.js';
import type { CorpusCase } from './corpus-case.js';
import { outcomeText } from './outcome-text.js';
import { isDifferent, type Tried } from './pair.js';

/** Where a line stands, as people and editors write it. */
export type Where = Pick<CorpusCase, 'file' | 'line'>;

/** Lines that differ in the same way. */
export interface Place {
  readonly function: string;
  readonly result: ComparisonResult;
  /** A JSON pointer, with `*` for every index; null of a side that failed. */
  readonly pointer: string | null;
  readonly kind: DifferenceKind | null;
  readonly count: number;
  /** The first of them. */
  readonly example: Where & { readonly legacy: string | null; readonly wasm: string | null };
}

/** More ways to differ than anybody reads; further ones are counted together. */
const MOST_PLACES = 200;

/** Counts results, and differences by where they are. */
export interface Tally {
  readonly counts: Readonly<Record<ComparisonResult, number>>;
  /** The most frequent first. */
  places(): readonly Place[];
  /** Lines that differ in ways for which there was no room. */
  readonly elsewhere: () => number;
  /** `isShown` is false where the function's outputs are not to be shown. */
  add(where: CorpusCase & { readonly function: string }, tried: Tried, isShown: boolean): void;
}

type Counted = { -readonly [Key in keyof Place]: Place[Key] };

export function createTally(): Tally {
  const counts = Object.fromEntries(COMPARISON_RESULTS.map((result) => [result, 0])) as Record<
    ComparisonResult,
    number
  >;
  const places = new Map<string, Counted>();
  let elsewhere = 0;

  return {
    counts,
    elsewhere: () => elsewhere,
    places: () => [...places.values()].sort((one, other) => other.count - one.count),
    add({ file, line, function: name }, tried, isShown) {
      const { comparison } = tried;
      counts[comparison.result] += 1;
      if (!isDifferent(comparison)) return;
      for (const way of waysOf(tried, isShown)) {
        const { pointer, kind, legacy, wasm } = way;
        const key = JSON.stringify([name, comparison.result, pointer, kind, pointer === null ? way.key : null]);
        const known = places.get(key);
        if (known !== undefined) known.count += 1;
        else if (places.size >= MOST_PLACES) elsewhere += 1;
        else {
          const example = { file, line, legacy, wasm };
          places.set(key, { function: name, result: comparison.result, pointer, kind, count: 1, example });
        }
      }
    },
  };
}

interface Way {
  readonly pointer: string | null;
  readonly kind: DifferenceKind | null;
  readonly legacy: string | null;
  readonly wasm: string | null;
  readonly key: string;
}

/** A line counts once at each place, however many items differ there. */
function waysOf(tried: Tried, isShown: boolean): readonly Way[] {
  const { differences } = tried.comparison;
  if (differences.length === 0) {
    const [legacy, wasm] = [outcomeText(tried.legacy, { isShown }), outcomeText(tried.wasm, { isShown })];
    return [{ pointer: null, kind: null, legacy, wasm, key: `${codeOf(tried.legacy)} ${codeOf(tried.wasm)}` }];
  }
  const ways = new Map<string, Way>();
  for (const { pointer, kind, legacy, wasm } of differences) {
    const place = placeOf(pointer);
    const key = `${kind} ${place}`;
    if (!ways.has(key)) ways.set(key, { pointer: place, kind, legacy, wasm, key });
  }
  return [...ways.values()];
}

function codeOf(ended: Tried['legacy']): string {
  return 'code' in ended ? ended.code : 'ok';
}

/** All differences in one line. */
export function describeDifference({ differences, omitted, result }: Comparison): string {
  const parts = differences.map(
    ({ pointer, kind, legacy, wasm }) =>
      `${pointer === '' ? 'the whole' : pointer}: ${kind}, legacy ${legacy ?? 'nothing'}, wasm ${wasm ?? 'nothing'}`,
  );
  if (omitted > 0) parts.push(`and ${omitted} more`);
  return parts.length === 0 ? result : parts.join('; ');
}
