import type { Compared } from '../domain/compared.js';
import type { Difference, DifferenceKind } from '../domain/comparison.js';
import { placeOf } from '../domain/comparison.js';
import { isFailure } from '../domain/dispatch.js';
import type { DifferenceGroup } from '../domain/evidence.js';

/** Places that are counted apart; what differs elsewhere is counted together. */
export const GROUPS = 128;
/** Combinations of places whose mismatches can still turn out to be noise later. */
export const SIGNATURES = 64;
/** Places that are known as noise; others never are. */
export const NOISE_PLACES = 64;
/** Longer places are cut, and never taken for noise. */
const LONGEST_PLACE = 200;
/** A mismatch at more places is never taken for noise. */
const MOST_PLACES = 8;

/** Mismatches that differ at exactly the same places. */
interface Signature {
  readonly places: readonly string[];
  count: number;
}

/** Where both sides differ, and where legacy differs from itself: at most some 300 KiB. */
export interface Mismatches {
  readonly groups: Map<string, DifferenceGroup>;
  /** Differences in none of the groups. */
  omitted: number;
  readonly signatures: Map<string, Signature>;
  /** Excused when they came, in none of the signatures, and of them those that differ as a whole. */
  settled: { excused: number; unjudged: number };
  readonly noise: Map<string, DifferenceGroup>;
  runs: number;
  differing: number;
  /** Not held against wasm: each of their places is noise. */
  excused: number;
  /** Of these, the ones of which no part could be compared. */
  unjudged: number;
}

export function noMismatches(): Mismatches {
  return {
    groups: new Map(),
    omitted: 0,
    signatures: new Map(),
    settled: { excused: 0, unjudged: 0 },
    noise: new Map(),
    runs: 0,
    differing: 0,
    excused: 0,
    unjudged: 0,
  };
}

/** Counts a mismatch. */
export function noteMismatch(into: Mismatches, { comparison, legacy, wasm }: Compared): void {
  const { differences, omitted } = comparison;
  for (const group of groupsIn(differences)) {
    if (!increment(into.groups, GROUPS, group)) into.omitted += 1;
  }
  into.omitted += omitted;
  // Where one side failed, or not everything is told, nobody can say that nothing but noise differs.
  if (omitted > 0 || isFailure(legacy) || isFailure(wasm)) return;
  const places = noisePlaces(differences);
  if (places.length === 0 || places.length > MOST_PLACES || places.some(isCut)) return;
  const key = JSON.stringify(places);
  const known = into.signatures.get(key);
  if (known !== undefined) known.count += 1;
  else if (into.signatures.size < SIGNATURES) into.signatures.set(key, { places, count: 1 });
  else if (isNoise(into, places)) settle(into, places);
  excuse(into);
}

/** Counts a run of legacy against itself; what it shows holds for the mismatches before it, too. */
export function noteNoise(into: Mismatches, differences: readonly Difference[]): void {
  into.runs += 1;
  if (differences.length === 0) return;
  into.differing += 1;
  for (const group of groupsIn(differences)) {
    const key = noisePlace(group.place, group.kind);
    if (!isCut(key)) increment(into.noise, NOISE_PLACES, group, key);
  }
  excuse(into);
}

export function isNoiseGroup(known: Mismatches, { place, kind }: DifferenceGroup): boolean {
  return known.noise.has(noisePlace(place, kind));
}

/** Counts anew what is excused. */
export function excuse(into: Mismatches): void {
  into.excused = into.settled.excused;
  into.unjudged = into.settled.unjudged;
  if (into.noise.size === 0) return;
  for (const { places, count } of into.signatures.values()) {
    if (!isNoise(into, places)) continue;
    into.excused += count;
    if (places.some(isWhole)) into.unjudged += count;
  }
}

function settle(into: Mismatches, places: readonly string[]): void {
  into.settled.excused += 1;
  if (places.some(isWhole)) into.settled.unjudged += 1;
}

function isNoise({ noise }: Mismatches, places: readonly string[]): boolean {
  return places.every((place) => noise.has(place));
}

/** Each place and kind once. */
function groupsIn(differences: readonly Difference[]): readonly DifferenceGroup[] {
  const groups = new Map<string, DifferenceGroup>();
  for (const { pointer, kind } of differences) {
    const place = cut(placeOf(pointer));
    groups.set(`${kind} ${place}`, { place, kind, count: 1 });
  }
  return [...groups.values()];
}

export function noisePlaces(differences: readonly Difference[]): readonly string[] {
  return [...new Set(groupsIn(differences).map(({ place, kind }) => noisePlace(place, kind)))].sort();
}

/**
 * A value that changes from call to call excuses no other type there. Which of two runs of legacy has something more
 * is chance, so `missing` and `extra` are one.
 */
export function noisePlace(place: string, kind: DifferenceKind): string {
  return `${kind === 'missing' || kind === 'extra' ? 'presence' : kind} ${place}`;
}

function isWhole(noisePlace: string): boolean {
  return /^[a-z]+ $/.test(noisePlace);
}

function cut(place: string): string {
  return place.length > LONGEST_PLACE ? `${place.slice(0, LONGEST_PLACE)}…` : place;
}

function isCut(place: string): boolean {
  return place.length > LONGEST_PLACE && place.endsWith('…');
}

function increment(
  groups: Map<string, DifferenceGroup>,
  most: number,
  { place, kind }: DifferenceGroup,
  key = `${kind} ${place}`,
): boolean {
  const known = groups.get(key);
  if (known === undefined && groups.size >= most) return false;
  groups.set(key, { place, kind, count: (known?.count ?? 0) + 1 });
  return true;
}
