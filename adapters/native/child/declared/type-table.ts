import type { Problem } from '../../../../src/domain/backend.js';
import type { NativeType } from '../../../../src/domain/native-function.js';
import { AT } from '../../protocol/opening.js';
import { type KnownTypes, parseAlias, parseFieldType } from './c-prototype.js';
import { type CType, isTypeWord, type StructLayout, type StructType } from './c-type.js';
import { layoutOf } from './layout.js';

/** Most bytes that a struct may have: it lives in memory of its own, for every parameter. */
const LARGEST = 1024 * 1024;

const RESERVED: ReadonlySet<string> = new Set(['struct', 'union', 'enum', 'const', 'volatile', 'extern', 'restrict']);

export interface TypeTable {
  readonly known: KnownTypes;
  /** The structs, by name. */
  readonly layouts: ReadonlyMap<string, StructLayout>;
}

/** Resolves the types that a manifest declares, in whatever order they stand. Adds every mistake to `problems`. */
export function tabulateTypes(declared: readonly NativeType[], problems: Problem[]): TypeTable {
  const written = new Map(declared.map((type) => [type.name, type]));
  const types = new Map<string, CType>();
  const layouts = new Map<string, StructLayout>();
  /** Structs whose fields are being laid out: they may be pointed to, but not contained. */
  const open = new Set<string>();
  const aliases = new Set<string>();
  /** Aliases that are being resolved, each by the one before it. */
  const chain: string[] = [];
  const cycles = new Map<string, string>();

  for (const type of declared) resolve(type);
  return { known: (name) => types.get(name), layouts };

  function resolve(type: NativeType): CType | undefined {
    const resolved = types.get(type.name);
    if (resolved !== undefined) return resolved;
    const at = AT.type(type.name);
    if (isTypeWord(type.name) || RESERVED.has(type.name)) {
      problems.push({ pointer: at, message: `${type.name} is a word of C` });
      return undefined;
    }
    switch (type.is) {
      case 'opaque':
        return keep({ kind: 'opaque', written: type.name });
      case 'alias':
        return alias(type.name, type.of, at);
      case 'struct':
        return struct(type, at);
      default:
        return type satisfies never;
    }
  }

  function keep<Kept extends CType>(type: Kept, name = type.written): Kept {
    types.set(name, type);
    return type;
  }

  function alias(name: string, of: string, at: string): CType | undefined {
    const again = chain.indexOf(name);
    if (again !== -1) {
      const cycle = chain.slice(again);
      for (const each of cycle) cycles.set(each, [...cycle, name].join(' → '));
    }
    if (aliases.has(name)) return undefined;
    aliases.add(name);
    chain.push(name);
    const type = parseAlias(of, find);
    chain.pop();
    if (typeof type === 'string') {
      const cycle = cycles.get(name);
      const message =
        cycle === undefined ? `the C type is not understood: ${type}` : `it is only another name for itself: ${cycle}`;
      problems.push({ pointer: at, message });
      return undefined;
    }
    // A struct's layout may not be known yet, and must stay one with the original's.
    return keep(type.kind === 'struct' || type.kind === 'opaque' ? type : { ...type, written: name }, name);
  }

  function struct(type: Extract<NativeType, { is: 'struct' }>, at: string): CType {
    const own: { -readonly [Key in keyof StructType]: StructType[Key] } = {
      kind: 'struct',
      written: type.name,
      layout: { name: type.name, size: 0, alignment: 1, fields: [] },
    };
    keep(own);
    open.add(type.name);
    const fields = type.fields.flatMap((field) => {
      const parsed = parseFieldType(field.type, find);
      const wrong =
        typeof parsed === 'string' ? `the C type is not understood: ${parsed}` : containsOpen(parsed, type.name);
      if (typeof parsed !== 'string' && wrong === null) return [{ name: field.name, type: parsed }];
      problems.push({ pointer: `${at}/${field.name}`, message: wrong ?? '' });
      return [];
    });
    own.layout = layoutOf(type.name, fields);
    open.delete(type.name);
    if (own.layout.size > LARGEST) {
      problems.push({ pointer: at, message: `a struct of ${own.layout.size} bytes is larger than ${LARGEST}` });
      // Nothing that names it may take memory for it: what is told is this mistake alone.
      own.layout = layoutOf(type.name, []);
    }
    layouts.set(type.name, own.layout);
    return own;
  }

  function find(name: string): CType | undefined {
    const type = written.get(name);
    return type === undefined ? undefined : resolve(type);
  }

  function containsOpen(type: CType, inside: string): string | null {
    if (type.kind === 'array') return containsOpen(type.of, inside);
    return type.kind === 'struct' && open.has(type.layout.name) ? `${inside} would contain itself` : null;
  }
}
