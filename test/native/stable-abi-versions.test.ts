import fc from 'fast-check';
import { satisfies, valid, validRange } from 'semver';
import { expect, test } from 'vitest';
import { isInRange, isVersion } from '#adapters/native/abi/version.js';

const number = fc.integer({ min: 0, max: 3 });
const prerelease = fc.constantFrom('', '', '', '-0', '-rc.1', '-rc.2', '-rc', '-alpha.10', '-alpha.9', '-1', '-x-y');
const version = fc.tuple(number, number, number, prerelease).map(([a, b, c, pre]) => `${a}.${b}.${c}${pre}`);
const part = fc.oneof(
  fc.tuple(fc.constantFrom('', '=', '>', '>=', '<', '<=', '^', '~'), version).map((each) => each.join('')),
  fc.tuple(fc.constantFrom('', '^', '~', '>', '<='), number, number).map(([sign, a, b]) => `${sign}${a}.${b}`),
  fc.tuple(version, version).map((each) => each.join(' - ')),
  fc.constantFrom('*', '1.x', 'x', '2'),
);
const range = fc
  .array(fc.array(part, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 })
  .map((sets) => sets.map((set) => set.join(' ')).join(' || '));

test('versions are in the ranges that npm says they are in, written out or not', () => {
  fc.assert(
    fc.property(version, range, (given, written) => {
      const normal = validRange(written);
      if (normal === null) return;
      const expected = satisfies(given, written);
      expect(isInRange(given, normal)).toBe(expected);
      expect(isInRange(given, written)).toBe(expected);
    }),
    { numRuns: 5000 },
  );
});

test('a version is one of semver.org, and nothing around it', () => {
  for (const text of ['1.2.3', '0.0.0', '1.0.0-rc.1+build.5', '1.0.0+0001', '10.20.30-a-b'])
    expect([text, isVersion(text)]).toEqual([text, valid(text) !== null]);
  for (const text of ['v1.2.3', ' 1.2.3', '1.2', '01.2.3', '1.2.3-01', '1.2.3-', '', '1.2.3\n'])
    expect(isVersion(text)).toBe(false);
});
