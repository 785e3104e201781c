import koffi from 'koffi';
import type { FieldLayout, ObjectType, StructLayout } from './c-type.js';

/** Bytes. */
export function sizeOf(type: ObjectType): number {
  switch (type.kind) {
    case 'bool':
    case 'floating':
    case 'integer':
    case 'pointer':
      return koffi.sizeof(type.koffi);
    case 'struct':
      return type.layout.size;
    case 'array':
      return sizeOf(type.of) * type.length;
    default:
      return type satisfies never;
  }
}

/** Bytes; what an address of the type must be divisible by. */
export function alignmentOf(type: ObjectType): number {
  switch (type.kind) {
    case 'bool':
    case 'floating':
    case 'integer':
    case 'pointer':
      return koffi.alignof(type.koffi);
    case 'struct':
      return type.layout.alignment;
    case 'array':
      return alignmentOf(type.of);
    default:
      return type satisfies never;
  }
}

/** Puts fields one after the other, each where its alignment allows it, as C does. */
export function layoutOf(
  name: string,
  declared: readonly { readonly name: string; readonly type: ObjectType }[],
): StructLayout {
  let end = 0;
  let alignment = 1;
  const fields = declared.map(({ name, type }): FieldLayout => {
    const own = alignmentOf(type);
    const offset = roundUp(end, own);
    const size = sizeOf(type);
    end = offset + size;
    alignment = Math.max(alignment, own);
    return { name, offset, size, type };
  });
  return { name, size: roundUp(end, alignment), alignment, fields };
}

/** To a multiple, beyond 32 bits too. */
export function roundUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
