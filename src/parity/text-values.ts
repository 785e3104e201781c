import fc, { type Arbitrary } from 'fast-check';
import { TEXT_EDGES } from './edges.js';
import type { Format, TextShape } from './shape.js';

/** Where a schema names no limit. */
const MOST_CHARACTERS = 24;

/** Texts of a shape, mostly: a pattern with lengths may have to be looked for. */
export function texts({ min, max, pattern, format }: TextShape): Arbitrary<string> {
  if (format !== null) return FORMATTED[format]();
  const maxLength = max ?? min + MOST_CHARACTERS;
  if (pattern !== null) return fc.stringMatching(pattern, { maxLength });
  const limits = { minLength: min, maxLength };
  const edges = TEXT_EDGES.filter((text) => text.length >= min && (max === null || text.length <= max));
  return fc.oneof(
    { weight: 4, arbitrary: fc.string(limits) },
    { weight: 1, arbitrary: fc.string({ ...limits, unit: 'grapheme' }) },
    ...(edges.length === 0 ? [] : [{ weight: 2, arbitrary: fc.constantFrom(...edges) }]),
  );
}

const FORMATTED: Readonly<Record<Format, () => Arbitrary<string>>> = {
  date: () => dates().map((date) => date.toISOString().slice(0, 10)),
  'date-time': () => dates().map((date) => date.toISOString()),
  uuid: () => fc.uuid(),
  email: () => fc.emailAddress(),
  ipv4: () => fc.ipV4(),
  uri: () => fc.webUrl(),
};

function dates(): Arbitrary<Date> {
  const [min, max] = [new Date('0001-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59Z')];
  return fc.oneof(
    fc.date({ min, max, noInvalidDate: true }),
    fc.constantFrom(...EDGE_DATES.map((text) => new Date(text))),
  );
}

const EDGE_DATES = [
  '1970-01-01T00:00:00Z',
  '2000-02-29T00:00:00Z',
  '1900-03-01T00:00:00Z',
  '2038-01-19T03:14:08Z',
  '2024-12-31T23:59:59.999Z',
];
