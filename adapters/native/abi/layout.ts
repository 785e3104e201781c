/** What a field of a C type holds; its size says how wide it is. */
export const FIELD_KINDS = {
  1: 'signed',
  2: 'unsigned',
  3: 'floating',
  4: 'boolean',
  5: 'pointer',
  6: 'array',
  7: 'struct',
} as const satisfies Readonly<Record<number, string>>;

export type FieldKind = (typeof FIELD_KINDS)[keyof typeof FIELD_KINDS];

export interface FieldLayout {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  readonly kind: FieldKind;
}

/** How a C type lies in memory, as its compiler laid it out. Bytes. */
export interface TypeLayout {
  readonly name: string;
  readonly size: number;
  readonly alignment: number;
  readonly fields: readonly FieldLayout[];
}

/** In what two layouts of one type differ, a sentence each; empty when they are the same. */
export function differences(expected: TypeLayout, found: TypeLayout): readonly string[] {
  const said: string[] = [];
  const compare = (what: string, one: number | string, other: number | string): void => {
    if (one !== other) said.push(`${what}: expected ${one}, found ${other}`);
  };
  compare(`size of ${expected.name}`, expected.size, found.size);
  compare(`alignment of ${expected.name}`, expected.alignment, found.alignment);
  const there = new Map(found.fields.map((field) => [field.name, field]));
  for (const field of expected.fields) {
    const name = `${expected.name}.${field.name}`;
    const other = there.get(field.name);
    there.delete(field.name);
    if (other === undefined) {
      said.push(`${name}: expected at offset ${field.offset}, found nothing of that name`);
      continue;
    }
    compare(`offset of ${name}`, field.offset, other.offset);
    compare(`size of ${name}`, field.size, other.size);
    compare(`kind of ${name}`, field.kind, other.kind);
  }
  for (const field of there.values())
    said.push(`${expected.name}.${field.name}: expected nothing of that name, found it at offset ${field.offset}`);
  return said;
}
