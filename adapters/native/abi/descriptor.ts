import { findNote } from '../elf/notes.js';
import { FIELD_KINDS, type FieldKind, type FieldLayout, type TypeLayout } from './layout.js';
import { Span, Unreadable } from './span.js';

/*
 * The descriptor as legacy-fixtures/include/banyan_plugin.h lays it out. A later minor may lengthen the head and the
 * rows at their ends: they are stepped over by the sizes that the descriptor says, and known by what is in front.
 */
export const MAJOR = 1;

const NOTE = { name: 'Banyan', type: 1 } as const;
const MAGIC = 'BANYANPL';
const BYTE_ORDER = 0x0102_0304;
const OTHER_BYTE_ORDER = 0x0403_0201;
const WORD = 8;

const NAME_ROOM = 72;
const NUMBERS_END = 56;
const HEAD_SIZE = NUMBERS_END + 2 * NAME_ROOM;
const FUNCTION_SIZE = NAME_ROOM;
const ROW_SIZE = 16 + NAME_ROOM;

export interface Descriptor {
  readonly minor: number;
  readonly plugin: string;
  readonly version: string;
  /** How many fields of the vtable the plugin takes for required, and how many it has. */
  readonly vtable: { readonly prefix: number; readonly fields: number };
  /** A function is called by its place in here. */
  readonly functions: readonly string[];
  readonly types: readonly TypeLayout[];
}

/** The descriptor in the bytes of an ELF64 file; or all that keeps it from being read, a sentence each. */
export function readDescriptor(file: Uint8Array): Descriptor | readonly string[] {
  const note = findNote(file, NOTE.name, NOTE.type);
  if (typeof note === 'string') return [note];
  if (note === null) return ['it has no descriptor: no note of Banyan is in the file'];
  const record = new Span(note);
  try {
    const foreign = foreignForm(record);
    return foreign.length > 0 ? foreign : decode(record);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return [`its descriptor cannot be read: ${error.message}`];
  }
}

/** What keeps everything behind it from having a known meaning. */
function foreignForm(record: Span): readonly string[] {
  const magic = record.latin1(0, MAGIC.length);
  if (magic !== MAGIC) return [`magic: expected ${JSON.stringify(MAGIC)}, found ${JSON.stringify(magic)}`];
  const order = record.number(8);
  // In another byte order all the numbers that follow would be told wrong.
  if (order !== BYTE_ORDER) {
    const found = order === OTHER_BYTE_ORDER ? 'big-endian' : `the mark 0x${order.toString(16).padStart(8, '0')}`;
    return [`byte order: expected little-endian, found ${found}`];
  }
  const said: string[] = [];
  const word = record.number(12);
  const major = record.number(16);
  if (word !== WORD) said.push(`word size: expected ${WORD} bytes, found ${word}`);
  if (major !== MAJOR) said.push(`ABI version: expected ${MAJOR}.x, found ${major}.${record.number(20)}`);
  return said;
}

function decode(record: Span): Descriptor {
  const size = record.number(24);
  if (size !== record.length) throw new Unreadable(`it says ${size} bytes, and its note has ${record.length}`);
  const headSize = atLeast('its head', HEAD_SIZE, record.number(28));
  const functionSize = atLeast('a function', FUNCTION_SIZE, record.number(32));
  const rowSize = atLeast('a row of its types', ROW_SIZE, record.number(36));
  const functionCount = record.number(40);
  const rowCount = record.number(44);
  const needed = headSize + functionCount * functionSize + rowCount * rowSize;
  if (needed !== size)
    throw new Unreadable(`${functionCount} functions and ${rowCount} rows of types need ${needed} bytes, not ${size}`);

  const rowsAt = headSize + functionCount * functionSize;
  return {
    minor: record.number(20),
    plugin: record.name(NUMBERS_END, NAME_ROOM, 'the name of the plugin'),
    version: record.name(NUMBERS_END + NAME_ROOM, NAME_ROOM, 'the version of the plugin'),
    vtable: { prefix: record.number(48), fields: record.number(52) },
    functions: distinct(
      'function',
      Array.from({ length: functionCount }, (_, index) =>
        record.name(headSize + index * functionSize, NAME_ROOM, `the name of function ${index}`),
      ),
    ),
    types: decodeTypes(Array.from({ length: rowCount }, (_, index) => record.part(rowsAt + index * rowSize, ROW_SIZE))),
  };
}

/** Rows in order: a type, then its fields. */
function decodeTypes(rows: readonly Span[]): readonly TypeLayout[] {
  const types: (TypeLayout & { fields: FieldLayout[] })[] = [];
  for (const [index, row] of rows.entries()) {
    const name = row.name(16, NAME_ROOM, `the name in row ${index} of its types`);
    const size = row.number(4);
    const place = row.number(8);
    const last = types.at(-1);
    if (row.number(0) === 0) types.push({ name, size, alignment: place, fields: [] });
    else if (last === undefined) throw new Unreadable(`${name} is a field of no type`);
    else last.fields.push({ name, offset: place, size, kind: kindOf(row.number(12), `${last.name}.${name}`) });
  }
  distinct(
    'type',
    types.map((type) => type.name),
  );
  for (const type of types)
    distinct(
      'field',
      type.fields.map((field) => `${type.name}.${field.name}`),
    );
  return types;
}

function kindOf(number: number, field: string): FieldKind {
  const kind = (FIELD_KINDS as Readonly<Record<number, FieldKind>>)[number];
  if (kind === undefined) throw new Unreadable(`the kind ${number} of ${field} is not known`);
  return kind;
}

function atLeast(what: string, least: number, found: number): number {
  if (found < least) throw new Unreadable(`${what} says ${found} bytes; version ${MAJOR} has ${least} or more`);
  return found;
}

function distinct(what: string, names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new Unreadable(`the ${what} ${name} is in it twice`);
    seen.add(name);
  }
  return names;
}
