import { createRequire } from 'node:module';
import type satisfiesRange from 'semver/functions/satisfies.js';

const require = createRequire(import.meta.url);

const PRERELEASE = String.raw`(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)`;
const CORE = String.raw`(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(${PRERELEASE}(?:\.${PRERELEASE})*))?`;

/** A semantic version (semver.org, version 2.0.0), written without anything around it. */
const VERSION = new RegExp(String.raw`^${CORE}(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$`);
const COMPARATOR = new RegExp(`^(>=|<=|>|<|)${CORE}$`);

interface Version {
  readonly numbers: readonly bigint[];
  readonly prerelease: readonly string[];
}

export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/**
 * Whether a version is in a range, as npm understands both. A range that was written out into comparators, as the
 * registry does, is decided here: a child that takes another's place has no time to load the whole reader.
 */
export function isInRange(version: string, range: string): boolean {
  const sets = range.split('||').map((set) => (set === '*' || set === '' ? [] : set.split(' ').map(parseComparator)));
  const given = parse(VERSION.exec(version)?.slice(1) ?? []);
  if (sets.every((set) => set.every((comparator) => comparator !== null))) return sets.some((set) => meets(given, set));
  const satisfies = require('semver/functions/satisfies.js') as typeof satisfiesRange;
  return satisfies(version, range);
}

interface Comparator {
  readonly operator: string;
  readonly version: Version;
}

function parseComparator(text: string): Comparator | null {
  const [, operator = '', ...parts] = COMPARATOR.exec(text) ?? [];
  return parts.length === 0 ? null : { operator, version: parse(parts) };
}

function parse([major = '0', minor = '0', patch = '0', prerelease]: readonly string[]): Version {
  return { numbers: [major, minor, patch].map(BigInt), prerelease: prerelease?.split('.') ?? [] };
}

/** A pre-release is in a range only if that names a pre-release of the very same version. */
function meets(given: Version, comparators: readonly Comparator[]): boolean {
  const named =
    given.prerelease.length === 0 ||
    comparators.some(
      ({ version: { numbers, prerelease } }) =>
        prerelease.length > 0 && numbers.every((number, index) => number === given.numbers[index]),
    );
  return named && comparators.every(({ operator, version }) => holds(operator, compare(given, version)));
}

function holds(operator: string, order: number): boolean {
  if (order === 0) return operator === '' || operator.endsWith('=');
  return order < 0 ? operator.startsWith('<') : operator.startsWith('>');
}

function compare(one: Version, other: Version): number {
  for (const [index, number] of one.numbers.entries()) {
    const order = sign(number, other.numbers[index] ?? 0n);
    if (order !== 0) return order;
  }
  if (one.prerelease.length === 0 || other.prerelease.length === 0)
    return other.prerelease.length - one.prerelease.length;
  for (let index = 0; ; index++) {
    const [left, right] = [one.prerelease[index], other.prerelease[index]];
    if (left === undefined || right === undefined) return one.prerelease.length - other.prerelease.length;
    const order = compareIdentifiers(left, right);
    if (order !== 0) return order;
  }
}

/** Numbers by value, and before words. */
function compareIdentifiers(left: string, right: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (isNumber && isOther) return sign(BigInt(left), BigInt(right));
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return sign(left, right);
}

function sign<Value extends bigint | string>(left: Value, right: Value): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
