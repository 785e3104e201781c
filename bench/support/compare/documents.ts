export interface Documents {
  readonly name: string;
  /** The same document twice, written differently: another order of keys, other white space. */
  readonly legacy: Buffer;
  readonly wasm: Buffer;
  /** What differs from legacy's, by how it does. */
  readonly differing: Readonly<Record<Differing, Buffer>>;
}

export const DIFFERING = ['one value', 'all values', 'reordered'] as const;
type Differing = (typeof DIFFERING)[number];

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What stands for a whole number that no double holds, until the document is written. */
const WHOLE = /"@(\d+)"/g;

/** Documents of about so many bytes, of what JSON is usually made of. The same ones every time. */
export function documentsOf(bytes: number): Documents[] {
  let state = 1;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const money = (): number => Math.floor(random() * 1e6) / 100;
  return [
    pair('orders', bytes, (index) => ({
      id: index,
      price: money(),
      name: `item ${index}`,
      tags: ['new', 'blue'],
      stock: { there: random() < 0.5, since: null },
    })),
    pair('doubles', bytes, (index) => ({ id: index, x: random(), y: random() * 100, name: `point ${index}` })),
    pair('64-bit ids', bytes, (index) => ({
      id: `@${1_234_567_890_123_456_789n + BigInt(index) * 37n}`,
      price: money(),
    })),
    pair('small numbers', bytes, () => Math.floor(random() * 1_000)),
    pair('texts', bytes, (index) => ({ text: `${'the quick brown fox jumps over the lazy dog '.repeat(3)}${index}` })),
  ];
}

function pair(name: string, bytes: number, element: (index: number) => Json): Documents {
  const items: Json[] = [];
  for (let length = 0; length < bytes; length += JSON.stringify(items.at(-1)).length + 1)
    items.push(element(items.length));
  const document = { count: items.length, items };
  const write = (value: Json, before: string): Buffer =>
    Buffer.from(before + JSON.stringify(value).replace(WHOLE, '$1'));
  const withItems = (changed: Json[]): Buffer => write({ count: changed.length, items: changed }, '');
  const middle = Math.floor(items.length / 2);
  return {
    name,
    legacy: write(document, ''),
    wasm: write(backwards(document), ' '),
    differing: {
      'one value': withItems(items.map((item, index) => (index === middle ? otherThan(item) : item))),
      'all values': withItems(items.map(otherThan)),
      reordered: withItems([...items].reverse()),
    },
  };
}

/** Another value in place of each that holds no others. */
function otherThan(value: Json): Json {
  if (typeof value === 'number') return value + 0.5;
  // Of digits as well, where it stands for a number.
  if (typeof value === 'string') return `${value}1`;
  if (typeof value !== 'object' || value === null) return value !== true;
  if (Array.isArray(value)) return value.map((each: Json) => otherThan(each));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, otherThan(member)]));
}

function backwards(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json) => backwards(each));
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, backwards(member)]),
  );
}
