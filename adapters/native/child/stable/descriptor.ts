import type { Problem } from '../../../../src/domain/backend.js';
import type { Descriptor } from '../../abi/descriptor.js';
import { judge } from '../../abi/judge.js';
import type { FieldKind, TypeLayout } from '../../abi/layout.js';
import type { LibraryOpening } from '../../protocol/opening.js';
import type { ObjectType, StructLayout } from '../declared/c-type.js';
import { tabulateTypes } from '../declared/type-table.js';

/** Judges the file of a library of the stable ABI, before any of its code runs. Every mismatch at once. */
export function judgeLibrary(
  file: Uint8Array,
  opening: LibraryOpening,
  minor: number,
): Descriptor | readonly Problem[] {
  const mistakes: Problem[] = [];
  const { layouts } = tabulateTypes(opening.types, mistakes);
  const functions = opening.functions.flatMap(({ name, declared }) =>
    declared.convention === 'stable' ? [{ name, symbol: declared.symbol }] : [],
  );
  const requires = opening.abi?.requires ?? null;
  const types = mistakes.length > 0 ? [] : [...layouts.values()].map(typeLayout);
  const judged = judge(file, { plugin: opening.plugin, requires, functions, types }, minor);
  if (mistakes.length === 0) return judged;
  return 'vtable' in judged ? mistakes : [...mistakes, ...judged];
}

function typeLayout({ name, size, alignment, fields }: StructLayout): TypeLayout {
  return {
    name,
    size,
    alignment,
    fields: fields.map((field) => ({
      name: field.name,
      offset: field.offset,
      size: field.size,
      kind: kindOf(field.type),
    })),
  };
}

function kindOf(type: ObjectType): FieldKind {
  switch (type.kind) {
    case 'bool':
      return 'boolean';
    case 'integer':
      return type.range.min < 0n ? 'signed' : 'unsigned';
    case 'floating':
    case 'pointer':
    case 'struct':
    case 'array':
      return type.kind;
    default:
      return type satisfies never;
  }
}
