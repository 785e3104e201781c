import { decimalOf, writtenAs } from './decimal.js';
import {
  isList,
  isObject,
  type Json,
  type JsonNumber,
  type Path,
  valuesIn,
  without,
  withValue,
  WrittenNumber,
} from './json.js';

/** Documents that are simpler than this one in some way, the most daring first. Every one is simpler: following them ends. */
export function* smallerJson(document: Json): Generator<Json> {
  const values = valuesIn(document);
  for (const { path, value } of values) if (path.length === 1) yield value;
  for (const { path, value } of values) yield* withLess(document, path, value);
  for (const { path, value } of values)
    for (const scalar of smallerScalars(value)) yield withValue(document, path, scalar);
  yield* smallerPairs(document);
}

function* withLess(document: Json, path: Path, value: Json): Generator<Json> {
  const parts = isList(value) ? [...value.keys()] : isObject(value) ? Object.keys(value) : [];
  if (parts.length === 0) return;
  if (isList(value) && value.length > 3) {
    const half = value.length >> 1;
    yield withValue(document, path, value.slice(0, half));
    yield withValue(document, path, value.slice(half));
  }
  for (const part of parts.toReversed()) yield without(document, [...path, part]);
  if (path.length > 0)
    for (const { path: below, value: inner } of valuesIn(value))
      if (below.length === 1) yield withValue(document, path, inner);
}

function smallerScalars(value: Json): Iterable<Json> {
  if (value instanceof WrittenNumber) return smallerWritten(value);
  if (typeof value === 'number') return smallerNumbers(value);
  if (typeof value === 'string') return smallerTexts(value);
  return value === true ? [false] : [];
}

const SMALL = [...Array.from({ length: 21 }, (_, number) => number), ...[25, 30, 40, 50, 60, 70, 75, 80, 90, 100]];

/** Towards 0: small ones, round ones, then half-way steps; whole before broken, positive before negative. */
function smallerNumbers(value: number): readonly number[] {
  const size = Math.abs(value);
  const digits = Math.max(0, Math.floor(Math.log10(size)));
  const whole = Math.trunc(value);
  const candidates = [
    ...SMALL,
    ...Array.from({ length: digits }, (_, power) => 10 ** (power + 1)),
    ...(Number.isInteger(value)
      ? []
      : [whole, Math.round(value), 0.5, 1.5, 2.5, Math.round(value * 10) / 10, Math.round(value * 100) / 100]),
    -value,
    ...[2, 4, 8, 16, 64, 256].map((part) => whole - Math.trunc(whole / part)),
    Math.trunc(whole / 2),
    whole - Math.sign(whole),
  ];
  return [...new Set(candidates)].filter((candidate) => isSimpler(candidate, value));
}

/** As JavaScript spells it; then, of whole ones, smaller ones bit by bit, since steps by parts would round or never end. */
function smallerWritten(value: WrittenNumber): readonly JsonNumber[] {
  const decimal = decimalOf(value);
  const double = Number(value.text);
  if (decimal === null || decimal.power < 0) return [Number.isFinite(double) ? double : 0];
  const whole = decimal.digits * 10n ** BigInt(decimal.power);
  const plain = writtenAs({ digits: whole, power: 0 });
  if (!(plain instanceof WrittenNumber) || plain.text !== value.text) return [plain];
  const size = whole < 0n ? -whole : whole;
  const powers = Array.from({ length: size.toString(2).length }, (_, bit) => 1n << BigInt(bit)).reverse();
  const smaller = [...SMALL.map(BigInt), size, ...powers.map((power) => size - power)];
  return smaller
    .flatMap((each) => (whole < 0n ? [each, -each] : [each]))
    .filter((each) => (each < size && each > -size) || (each === size && whole < 0n))
    .map((each) => writtenAs({ digits: each, power: 0 }));
}

function isSimpler(one: number, other: number): boolean {
  if (Number.isInteger(one) !== Number.isInteger(other)) return Number.isInteger(one);
  if (Math.abs(one) !== Math.abs(other)) return Math.abs(one) < Math.abs(other);
  return one > other;
}

const LONG = 64;

function* smallerTexts(value: string): Generator<string> {
  const characters = Array.from(value);
  if (characters.length === 0) return;
  yield '';
  if (characters.length > 1) {
    yield 'a';
    const half = characters.length >> 1;
    yield characters.slice(0, half).join('');
    yield characters.slice(half).join('');
  }
  if (characters.length > LONG) return;
  for (const at of characters.keys()) yield characters.toSpliced(at, 1).join('');
  for (const [at, character] of characters.entries()) if (character !== 'a') yield characters.with(at, 'a').join('');
}

const MOST_NUMBERS = 6;
const ROUND = [0, 1, 2, 3, 4, 5, 10, 20, 25, 50, 100];

/** Of numbers that only differ together: a price that is halved needs another discount. */
function* smallerPairs(document: Json): Generator<Json> {
  const numbers = valuesIn(document)
    .flatMap(({ path, value }) => (typeof value === 'number' ? [{ path, value }] : []))
    .slice(0, MOST_NUMBERS);
  for (const [index, first] of numbers.entries())
    for (const second of numbers.slice(index + 1))
      for (const one of ROUND)
        for (const other of ROUND)
          if (isLess([one, other], [first.value, second.value]))
            yield withValue(withValue(document, first.path, one), second.path, other);
}

function isLess(pair: readonly number[], than: readonly number[]): boolean {
  const [length, ofThat] = [pair, than].map((numbers) => numbers.join('').length);
  if (length === undefined || ofThat === undefined || length !== ofThat) return (length ?? 0) < (ofThat ?? 0);
  return sum(pair) < sum(than);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + Math.abs(number), 0);
}
