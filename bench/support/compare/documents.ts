export interface Documents {
  readonly name: string;
  /** The same document twice, written differently: another order of keys, other white space. */
  readonly legacy: Buffer;
  readonly wasm: Buffer;
}

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
  return { name, legacy: write(document, ''), wasm: write(backwards(document), ' ') };
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
