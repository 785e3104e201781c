import {
  type Comparison,
  type ComparisonResult,
  COMPARISON_RESULTS,
  type DifferenceKind,
  placeOf,
} from '../domain/comparison.js';
import type { CorpusCase } from './corpus-case.js';
import { outcomeText } from './outcome-text.js';
import { codeOf, isDifferent, type Tried } from './pair.js';

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

/** What is said of those, in words. */
export const FURTHER = 'in further places, too many to be shown';

/** How many lines of a function differ in ways for which there was no room, whatever else differs in them. */
export interface Elsewhere {
  readonly function: string;
  readonly lines: number;
}

/** More ways for a function to differ than anybody reads; lines that differ in further ones are counted together. */
const MOST_PLACES = 200;

/** Counts results, and differences by where they are. */
export interface Tally {
  readonly counts: Readonly<Record<ComparisonResult, number>>;
  /** The most frequent first. */
  places(): readonly Place[];
  readonly elsewhere: () => readonly Elsewhere[];
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
  /** How many of them each function has: one that differs everywhere is not to take another's room. */
  const taken = new Map<string, number>();
  const elsewhere = new Map<string, number>();

  /** Whether there was room for it. */
  function addPlace(key: string, place: Place): boolean {
    const known = places.get(key);
    if (known !== undefined) {
      known.count += 1;
      return true;
    }
    const here = taken.get(place.function) ?? 0;
    if (here >= MOST_PLACES) return false;
    taken.set(place.function, here + 1);
    places.set(key, { ...place });
    return true;
  }

  return {
    counts,
    elsewhere: () => [...elsewhere].map(([of, lines]) => ({ function: of, lines })),
    places: () => [...places.values()].sort((one, other) => other.count - one.count),
    add({ file, line, function: name }, tried, isShown) {
      const { comparison } = tried;
      counts[comparison.result] += 1;
      if (!isDifferent(comparison)) return;
      let isRoom = true;
      for (const { pointer, kind, legacy, wasm, key } of waysOf(tried, isShown)) {
        const way = JSON.stringify([name, comparison.result, pointer, kind, pointer === null ? key : null]);
        const example = { file, line, legacy, wasm };
        const isAdded = addPlace(way, { function: name, result: comparison.result, pointer, kind, count: 1, example });
        isRoom &&= isAdded;
      }
      if (!isRoom) elsewhere.set(name, (elsewhere.get(name) ?? 0) + 1);
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

/** All differences in one line. */
export function describeDifference({ differences, omitted, result }: Comparison): string {
  const parts = differences.map(
    ({ pointer, kind, legacy, wasm }) =>
      `${pointer === '' ? 'the whole' : pointer}: ${kind}, legacy ${legacy ?? 'nothing'}, wasm ${wasm ?? 'nothing'}`,
  );
  if (omitted > 0) parts.push(`and ${omitted} more`);
  return parts.length === 0 ? result : parts.join('; ');
}
