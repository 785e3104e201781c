import fc, { type Arbitrary } from 'fast-check';
import { FRACTION_EDGES, TEXT_EDGES, WHOLE_EDGES } from './edges.js';
import type { Json } from './json.js';
import { multiplesOf } from './schema-keywords.js';
import type { Format, ListShape, NumberShape, ObjectShape, Shape, TextShape } from './shape.js';

type Referenced = Map<string, Arbitrary<Json>>;

/** Items of a list, and further members of an object, where a schema names no limit. */
const MOST_ITEMS = 8;
const MOST_CHARACTERS = 24;
const MOST_NUMBER = 1_000_000_000;

/** Documents of a shape, mostly: a pattern with lengths, or unique items, may have to be looked for. */
export function valuesOf(shape: Shape, referenced: Referenced = new Map()): Arbitrary<Json> {
  switch (shape.kind) {
    case 'any':
      return fc.jsonValue({ maxDepth: 2 }) as Arbitrary<Json>;
    case 'values':
      return fc.constantFrom(...shape.values);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'number':
      return numbers(shape);
    case 'text':
      return texts(shape);
    case 'list':
      return lists(shape, referenced);
    case 'object':
      return objects(shape, referenced);
    case 'union':
      return fc.oneof(
        { depthSize: 'small', withCrossShrink: false },
        ...shape.of.map((each) => valuesOf(each, referenced)),
      );
    case 'reference':
      return reference(shape, referenced);
    default:
      return shape satisfies never;
  }
}

/** Made once for each name, when it is first needed: it may refer to itself. */
function reference({ name, target }: Extract<Shape, { kind: 'reference' }>, referenced: Referenced): Arbitrary<Json> {
  const known = referenced.get(name);
  if (known !== undefined) return known;
  const tied = fc.letrec<{ value: Json }>((tie) => {
    referenced.set(name, tie('value'));
    return { value: valuesOf(target(), referenced) };
  });
  referenced.set(name, tied.value);
  return tied.value;
}

function lists({ items, min, max, unique }: ListShape, referenced: Referenced): Arbitrary<Json> {
  const limits = {
    minLength: min,
    maxLength: max ?? min + MOST_ITEMS,
    depthIdentifier: 'lists',
    depthSize: 'small',
  } as const;
  const item = valuesOf(items, referenced);
  return unique
    ? fc.uniqueArray(item, { ...limits, selector: (value) => JSON.stringify(value) })
    : fc.array(item, limits);
}

function objects(shape: ObjectShape, referenced: Referenced): Arbitrary<Json> {
  const members = Object.fromEntries([...shape.members].map(([name, member]) => [name, valuesOf(member, referenced)]));
  const named = fc.record(members, { requiredKeys: [...shape.required] }) as Arbitrary<Record<string, Json>>;
  if (shape.others === null || !shape.makesOthers) return named;
  const others = fc.dictionary(fc.string({ maxLength: MOST_CHARACTERS }), valuesOf(shape.others, referenced), {
    maxKeys: shape.max ?? shape.min + MOST_ITEMS,
    noNullPrototype: true,
  });
  return fc.tuple(others, named).map(([further, known]) => ({ ...further, ...known }));
}

/** Half of them where rules have their edges, the others anywhere. */
function numbers(shape: NumberShape): Arbitrary<Json> {
  const multiples = multiplesOf(shape);
  if (multiples === null) return brokenNumbers(shape);
  const { unit, least, most } = multiples;
  const whole = wholeNumbers(least ?? Math.min(-MOST_NUMBER, most ?? 0), most ?? Math.max(MOST_NUMBER, least ?? 0));
  return unit === 1 ? whole : whole.map((times) => asWritten(times, unit));
}

/** Three tenths are 0.3, and not 0.30000000000000004. */
function asWritten(times: number, unit: number): number {
  const inverse = Math.round(1 / unit);
  return unit < 1 && Math.abs(inverse * unit - 1) < 1e-9 ? times / inverse : times * unit;
}

function brokenNumbers({ min, max, aboveMin, belowMax }: NumberShape): Arbitrary<Json> {
  const least = min ?? Math.min(-MOST_NUMBER, max ?? 0);
  const most = max ?? Math.max(MOST_NUMBER, min ?? 0);
  const edges = [...WHOLE_EDGES, ...FRACTION_EDGES].flatMap((edge) => [edge, -edge]);
  const near = [...edges, least, most].filter((edge) => edge >= least && edge <= most);
  const cents = wholeNumbers(Math.ceil(least * 100), Math.floor(most * 100)).map((hundredths) => hundredths / 100);
  const any = fc.double({
    min: least,
    max: most,
    minExcluded: aboveMin,
    maxExcluded: belowMax,
    noNaN: true,
    noDefaultInfinity: true,
  });
  if (near.length === 0 || Math.ceil(least * 100) > Math.floor(most * 100)) return any;
  const halves = wholeNumbers(Math.ceil(least), Math.max(Math.ceil(least), Math.floor(most) - 1)).map((n) => n + 0.5);
  return fc.oneof(fc.constantFrom(...near), cents, halves, any);
}

function wholeNumbers(min: number, max: number): Arbitrary<number> {
  const least = Math.max(min, Number.MIN_SAFE_INTEGER);
  const most = Math.min(max, Number.MAX_SAFE_INTEGER);
  const edges = [...WHOLE_EDGES, ...WHOLE_EDGES.map((edge) => -edge), least, least + 1, most, most - 1];
  const near = edges.filter((edge) => edge >= least && edge <= most);
  const any = fc.integer({ min: least, max: most });
  const small = { min: Math.max(least, -100), max: Math.min(most, 1_000) };
  if (near.length === 0) return any;
  return fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...near) },
    ...(small.min <= small.max ? [{ weight: 2, arbitrary: fc.integer(small) }] : []),
    { weight: 2, arbitrary: any },
  );
}

function texts({ min, max, pattern, format }: TextShape): Arbitrary<Json> {
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
