import type { Arena } from './arena.js';
import { objectAt, type PointerType } from './c-type.js';
import { below } from './json-pointer.js';
import { sizeOf } from './layout.js';
import { textOf, write } from './marshal.js';
import { BadRequest } from './misfit.js';
import type { Pointer } from '../pointer.js';

/** Puts a JSON value where C finds it. Throws {@link BadRequest}. */
type Put = (value: unknown) => Pointer;

export function textFor({ count }: PointerType, pointer: string, arena: Arena): Put {
  return (value) => arena.text(textOf(value, pointer), pointer, count ?? 0);
}

/** A mapping for a pointer to a struct, a list for a declared array; a sentence when it points to something else. */
export function structFor(type: PointerType, pointer: string, arena: Arena): Put | string {
  const { target } = type;
  const object = objectAt(type);
  if (object === null || (object.kind !== 'struct' && object.kind !== 'array')) {
    return target.kind === 'opaque' || target.kind === 'pointer'
      ? `a member of the JSON body cannot be given to ${type.written}`
      : `${pointer} is a pointer without a length: map { length: ${pointer} } to a parameter as well`;
  }
  const size = sizeOf(object);
  return (value) => {
    const piece = arena.takeFor(pointer, size);
    write(piece, piece.at, object, value, pointer, arena);
    return piece.address;
  };
}

/** A list for a pointer to its elements; a sentence when they are of no known form. */
export function elementsFor(type: PointerType, pointer: string, arena: Arena): Put | string {
  const { target } = type;
  if (target.kind === 'void' || target.kind === 'opaque' || target.kind === 'pointer')
    return `a list of the JSON body cannot be given to ${type.written}`;
  const size = sizeOf(target);
  const least = type.count ?? 0;
  return (value) => {
    if (!Array.isArray(value)) throw new BadRequest('expected a list', pointer);
    if (value.length < least) throw new BadRequest(`expected a list of at least ${least} elements`, pointer);
    const piece = arena.takeFor(pointer, value.length * size);
    for (const [index, element] of value.entries())
      write(piece, piece.at + index * size, target, element, below(pointer, index), arena);
    return piece.address;
  };
}
