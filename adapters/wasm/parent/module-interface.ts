import { STARTS } from '../host-abi.js';
import { Reader, sectionsOf } from './wasm-binary.js';

const TYPES = 1;
const IMPORTS = 2;
const FUNCTIONS = 3;
const MEMORIES = 5;
const EXPORTS = 7;
const START = 8;

const KINDS = ['function', 'table', 'memory', 'global', 'tag'] as const;
type Kind = (typeof KINDS)[number];

const VALUE_TYPES: Readonly<Record<number, string>> = {
  0x7f: 'i32',
  0x7e: 'i64',
  0x7d: 'f32',
  0x7c: 'f64',
  0x7b: 'v128',
  0x70: 'funcref',
  0x6f: 'externref',
};

/** What stands in a module's import or export section; `type` is a function's, as `(i64, i32) -> i64`, where it can be told. */
export interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: Kind;
  readonly type: string | null;
}

export interface Export {
  readonly name: string;
  readonly kind: Kind;
  /** Its place among all of its kind, imported ones first. */
  readonly index: number;
  readonly type: string | null;
}

/** A module as those see it that link it. */
export interface ModuleInterface {
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  /** Memories that it defines itself. */
  readonly memories: number;
  /** Whether code of it runs when an instance is made. */
  readonly starts: boolean;
}

/** Reads what a module imports and exports. Throws NotWasm for bytes that no engine would compile either. */
export function interfaceOf(module: Uint8Array): ModuleInterface {
  let types: (string | null)[] = [];
  let imports: readonly Import[] = [];
  let exports: readonly Export[] = [];
  const functions: (string | null)[] = [];
  let memories = 0;
  let hasStart = false;
  for (const { id, content } of sectionsOf(module)) {
    const reader = new Reader(module, content);
    if (id === TYPES) types = listOf(reader, () => readFunctionType(reader));
    else if (id === IMPORTS) {
      imports = listOf(reader, () => readImport(reader, types));
      for (const { kind, type } of imports) if (kind === 'function') functions.push(type);
    } else if (id === FUNCTIONS)
      for (const type of listOf(reader, () => types[reader.number()] ?? null)) functions.push(type);
    else if (id === MEMORIES) memories = reader.number();
    else if (id === EXPORTS) exports = listOf(reader, () => readExport(reader, functions));
    else if (id === START) hasStart = true;
  }
  const starts = hasStart || exports.some(({ name }) => STARTS.some((start) => start === name));
  return { imports, exports, memories, starts };
}

function listOf<Item>(reader: Reader, read: () => Item): Item[] {
  const items: Item[] = [];
  for (let left = reader.number(); left > 0; left--) items.push(read());
  return items;
}

/** `limit-module.ts` has seen to it that there are no other types. */
function readFunctionType(reader: Reader): string | null {
  reader.byte();
  const parameters = listOf(reader, () => readValueType(reader));
  const results = listOf(reader, () => readValueType(reader));
  if ([...parameters, ...results].includes(null)) return null;
  const left = `(${parameters.join(', ')})`;
  if (results.length === 0) return left;
  return `${left} -> ${results.length === 1 ? String(results[0]) : `(${results.join(', ')})`}`;
}

/** Null for a reference to a type of the module's own, whose number means nothing in another one. */
function readValueType(reader: Reader): string | null {
  return VALUE_TYPES[reader.type()[0] ?? 0] ?? null;
}

function readImport(reader: Reader, types: readonly (string | null)[]): Import {
  const module = reader.name();
  const name = reader.name();
  const kind = readKind(reader);
  let type: string | null = null;
  if (kind === 'function') type = types[reader.number()] ?? null;
  else if (kind === 'tag') {
    reader.byte();
    reader.number();
  } else if (kind === 'global') {
    reader.type();
    reader.byte();
  } else {
    if (kind === 'table') reader.type();
    const hasMaximum = (reader.byte() & 1) === 1;
    reader.number();
    if (hasMaximum) reader.number();
  }
  return { module, name, kind, type };
}

function readExport(reader: Reader, functions: readonly (string | null)[]): Export {
  const name = reader.name();
  const kind = readKind(reader);
  const index = reader.number();
  return { name, kind, index, type: kind === 'function' ? (functions[index] ?? null) : null };
}

function readKind(reader: Reader): Kind {
  return KINDS[reader.byte()] ?? reader.fail('something that is imported or exported has an unknown kind');
}
