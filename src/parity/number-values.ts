import fc, { type Arbitrary } from 'fast-check';
import { type Decimal, ONE, writtenAs } from './decimal.js';
import { FRACTION_EDGES, LONG_EDGES, WHOLE_EDGES } from './edges.js';
import type { JsonNumber } from './json.js';
import { doubleOf } from './schema-numbers.js';
import type { MultiplesShape, NumberShape } from './shape.js';

/** Where a schema names no limit. */
const MOST = 1_000_000_000n;

const WHOLE = [...WHOLE_EDGES.map((edge) => BigInt(edge)), ...LONG_EDGES].flatMap((edge) => [edge, -edge]);

/** Multiples, half of them where rules have their edges, the others anywhere. */
export function multiples({ unit, least, most }: MultiplesShape): Arbitrary<JsonNumber> {
  const isWithin = (times: bigint): boolean => (least === null || times >= least) && (most === null || times <= most);
  const limits = [least, most].filter((limit) => limit !== null);
  const near = [...WHOLE, ...limits.flatMap((limit) => [limit - 1n, limit, limit + 1n])].filter(isWithin);
  const from = least ?? smaller(-MOST, most ?? 0n);
  const to = most ?? larger(MOST, least ?? 0n);
  const small = [larger(from, -100n), smaller(to, 1_000n)] as const;
  const any = timesBetween(from, to, unit);
  if (near.length === 0) return any;
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...near.map((times) => timesUnit(times, unit))) },
    ...(small[0] <= small[1] ? [{ weight: 2, arbitrary: timesBetween(...small, unit) }] : []),
    { weight: 2, arbitrary: any },
  );
}

/** Numbers within limits, or hardly outside of them. */
export function numbers({ min, max }: NumberShape): Arbitrary<JsonNumber> {
  const [lower, upper] = [min === null ? null : doubleOf(min.value), max === null ? null : doubleOf(max.value)];
  const isWithin = (number: number): boolean => number >= (lower ?? -Infinity) && number <= (upper ?? Infinity);
  const least = lower ?? Math.min(-Number(MOST), upper ?? 0);
  const most = upper ?? Math.max(Number(MOST), lower ?? 0);
  const near = [
    ...[...WHOLE_EDGES, ...FRACTION_EDGES].flatMap((edge) => [edge, -edge]).filter(isWithin),
    ...WHOLE.filter((edge) => isWithin(Number(edge))).map((edge) => timesUnit(edge, ONE)),
    ...[min, max].flatMap((limit) => (limit === null ? [] : [writtenAs(limit.value)])),
  ];
  const cents = doublesOf(least * 100, most * 100, (hundredths) => hundredths / 100);
  const halves = doublesOf(least, most - 1, (whole) => whole + 0.5);
  const any = fc.double({ min: least, max: most, noNaN: true, noDefaultInfinity: true });
  return fc.oneof(...(near.length === 0 ? [] : [fc.constantFrom(...near)]), ...cents, ...halves, any);
}

/** By every whole number between these that JavaScript holds; none where there is none. */
function doublesOf(min: number, max: number, make: (whole: number) => number): readonly Arbitrary<number>[] {
  const least = Math.max(Math.ceil(min), Number.MIN_SAFE_INTEGER);
  const most = Math.min(Math.floor(max), Number.MAX_SAFE_INTEGER);
  return least > most ? [] : [fc.integer({ min: least, max: most }).map(make)];
}

function timesBetween(min: bigint, max: bigint, unit: Decimal): Arbitrary<JsonNumber> {
  const isSafe = min >= Number.MIN_SAFE_INTEGER && max <= Number.MAX_SAFE_INTEGER;
  if (!isSafe) return fc.bigInt({ min, max }).map((times) => timesUnit(times, unit));
  const whole = fc.integer({ min: Number(min), max: Number(max) });
  const isOne = unit.digits === 1n && unit.power === 0;
  return isOne ? whole : whole.map((times) => timesUnit(BigInt(times), unit));
}

/** Three tenths are 0.3, and not 0.30000000000000004. */
function timesUnit(times: bigint, { digits, power }: Decimal): JsonNumber {
  return writtenAs({ digits: times * digits, power });
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}
