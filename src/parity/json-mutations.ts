import type { Draws } from './draws.js';
import { decimalOf, writtenAs } from './decimal.js';
import { FRACTION_EDGES, LONG_EDGES, TEXT_EDGES, WHOLE_EDGES } from './edges.js';
import {
  isList,
  isNumber,
  isObject,
  type Json,
  type JsonNumber,
  type Path,
  valuesIn,
  without,
  withValue,
  WrittenNumber,
  writtenNumber,
} from './json.js';

/** What mutations take parts from. */
export interface Parts {
  /** Names of members, the likeliest first; perhaps none. */
  readonly names: readonly string[];
  /** A further document. */
  readonly other: Json;
}

/** The likeliest names. */
const FIRST = 8;

/** Some changes to a document, each a small one. */
export function mutateJson(document: Json, parts: Parts, draws: Draws): Json {
  let changed = document;
  do changed = mutateOnce(changed, parts, draws);
  while (!draws.oneIn(2));
  return changed;
}

/** Gives an object in the document a member of one of these names, or another value to one that it has. */
export function withNamed(document: Json, parts: Parts, draws: Draws): Json {
  const objects = valuesIn(document).filter(({ value }) => isObject(value));
  if (objects.length === 0 || parts.names.length === 0) return mutateJson(document, parts, draws);
  const { path, value } = draws.pick(objects);
  return isObject(value)
    ? withValue(document, path, { ...value, [draws.pick(parts.names)]: scalarBy(draws, parts) })
    : document;
}

/** Gives a good part of the values others of their type: the document stays what it is, and says something else. */
export function withOtherValues(document: Json, parts: Parts, draws: Draws): Json {
  if (isList(document)) return document.map((item) => withOtherValues(item, parts, draws));
  if (isObject(document))
    return Object.fromEntries(
      Object.entries(document).map(([name, value]) => [name, withOtherValues(value, parts, draws)]),
    );
  return draws.oneIn(2) ? near(document, parts, draws) : document;
}

function mutateOnce(document: Json, parts: Parts, draws: Draws): Json {
  const { path, value } = draws.pick(valuesIn(document));
  const grown = isObject(value) || isList(value) ? 4 : 0;
  switch (draws.below(8 + grown)) {
    case 0:
      return path.length === 0 ? document : without(document, path);
    case 1:
      return withValue(document, path, scalarBy(draws, parts));
    case 2:
      return withValue(document, path, draws.pick(valuesIn(parts.other)).value);
    case 3:
      return swapped(document, path, value, draws);
    case 4:
    case 5:
    case 6:
    case 7:
      return withValue(document, path, near(value, parts, draws));
    default:
      return withValue(document, path, withOneMore(value, parts, draws));
  }
}

function swapped(document: Json, path: Path, value: Json, draws: Draws): Json {
  const { path: other, value: theirs } = draws.pick(valuesIn(document));
  // One inside the other has no place to go.
  const nested = path.every((part, at) => other[at] === part) || other.every((part, at) => path[at] === part);
  return nested ? document : withValue(withValue(document, path, theirs), other, value);
}

/** A value of the same type. */
function near(value: Json, parts: Parts, draws: Draws): Json {
  if (isNumber(value)) return nearNumber(value, draws);
  if (typeof value === 'string') return nearText(value, parts, draws);
  if (typeof value === 'boolean') return !value;
  if (value === null) return scalarBy(draws, parts);
  return withOneMore(value, parts, draws);
}

const LONG = LONG_EDGES.flatMap((edge) => [edge, -edge]).map((edge) => writtenNumber(String(edge)));

function nearNumber(value: JsonNumber, draws: Draws): JsonNumber {
  if (draws.oneIn(16)) return draws.pick(LONG);
  if (value instanceof WrittenNumber) return nearWritten(value, draws);
  const numbers = [
    draws.pick(WHOLE_EDGES),
    draws.pick(WHOLE_EDGES),
    draws.below(101),
    draws.below(100_000),
    value + 1,
    value - 1,
    value * 2,
    Math.trunc(value / 2),
    Math.trunc(value),
    value * 10,
    -value,
    value + 0.5,
    draws.pick(FRACTION_EDGES),
  ];
  const number = draws.pick(numbers);
  return Number.isFinite(number) ? number : 0;
}

/** Near to it without rounding, where it is whole: the last digits are what others lose. */
function nearWritten(value: WrittenNumber, draws: Draws): JsonNumber {
  const decimal = decimalOf(value);
  if (decimal === null || decimal.power < 0 || draws.oneIn(4)) return nearNumber(Number(value.text), draws);
  const whole = decimal.digits * 10n ** BigInt(decimal.power);
  const near = [whole + 1n, whole - 1n, whole / 2n, whole * 2n, whole * 10n, whole / 10n, -whole];
  return writtenAs({ digits: draws.pick(near), power: 0 });
}

function nearText(value: string, { names }: Parts, draws: Draws): string {
  const at = draws.below(value.length + 1);
  switch (draws.below(6)) {
    case 0:
      return draws.pick(TEXT_EDGES);
    case 1:
      return value.slice(0, at);
    case 2:
      return value.slice(0, at) + draws.pick(TEXT_EDGES) + value.slice(at);
    case 3:
      return value.slice(0, at) + value.slice(at + 1);
    case 4:
      return names.length === 0 ? value + value : draws.pick(names);
    default:
      return value.slice(0, at) + String.fromCharCode(32 + draws.below(95)) + value.slice(at + 1);
  }
}

function withOneMore(value: Json, parts: Parts, draws: Draws): Json {
  const added = draws.oneIn(4) ? draws.pick(valuesIn(parts.other)).value : valueBy(draws, parts);
  if (isList(value)) {
    const at = draws.below(value.length + 1);
    return [...value.slice(0, at), value.length > 0 && draws.oneIn(2) ? draws.pick(value) : added, ...value.slice(at)];
  }
  if (!isObject(value)) return added;
  return { ...value, [nameBy(draws, parts)]: added };
}

/** The likelier names are drawn more often. */
function nameBy(draws: Draws, { names }: Parts): string {
  if (names.length === 0) return draws.pick(TEXT_EDGES);
  return draws.pick(names.slice(0, draws.pick([FIRST, Math.max(FIRST, names.length >> 2), names.length])));
}

function valueBy(draws: Draws, parts: Parts): Json {
  if (!draws.oneIn(5)) return scalarBy(draws, parts);
  return draws.oneIn(2) ? [] : { [nameBy(draws, parts)]: scalarBy(draws, parts) };
}

function scalarBy(draws: Draws, { names }: Parts): Json {
  switch (draws.below(8)) {
    case 0:
      return null;
    case 1:
      return draws.oneIn(2);
    case 2:
      return draws.pick(TEXT_EDGES);
    case 3:
      return names.length === 0 ? 'a' : draws.pick(names);
    case 4:
      return draws.pick(FRACTION_EDGES) * (draws.oneIn(4) ? -1 : 1);
    default:
      return draws.oneIn(16) ? draws.pick(LONG) : draws.pick(WHOLE_EDGES) * (draws.oneIn(8) ? -1 : 1);
  }
}
