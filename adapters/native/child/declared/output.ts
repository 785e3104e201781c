import type { Capacity, PrototypeArgument } from '../../../../src/domain/native-function.js';
import { type CallType, isBytes, isScalar, isText, objectAt, type PointerType } from './c-type.js';
import { copyBytes } from './c-string.js';
import type { Argument, Output, Shared } from './frame.js';
import { valueAt } from './json-pointer.js';
import { sizeOf } from './layout.js';
import { read, readScalar, write, writeScalar } from './marshal.js';
import { allocate } from './memory.js';
import { BadRequest } from './misfit.js';
import { NULL, type Pointer } from '../pointer.js';

type Mapped = Extract<PrototypeArgument, { readonly out: string } | { readonly inout: string }>;

/** A parameter by which the function answers; a sentence when its type does not let it. */
export function outputFor(mapped: Mapped, type: CallType, shared: Shared): Argument | string {
  const where = 'out' in mapped ? `{ out: ${mapped.out} }` : `{ inout: ${mapped.inout} }`;
  if (type.kind !== 'pointer') return `${where} needs a pointer, not ${type.written}`;
  if (type.isConst) return `${where} needs a pointer that may be written to, not ${type.written}`;
  if ('inout' in mapped)
    return 'capacity' in mapped
      ? changedBody(mapped.capacity, where, type, shared)
      : part(mapped.inout, where, type, true, shared);
  if ('capacity' in mapped) return buffer(mapped.out, mapped.capacity, where, type, shared);
  if ('free' in mapped) return allocated(mapped.out, mapped.free, where, type, shared);
  if (mapped.out === 'length') return length(where, type);
  if (mapped.out === 'handle') return handle(where, type);
  return part(mapped.out, where, type, false, shared);
}

/** A buffer of ours, as large as its capacity. */
function buffer(
  form: 'body' | 'text',
  capacity: Capacity,
  where: string,
  type: PointerType,
  { arena }: Shared,
): Argument | string {
  if (form === 'text' ? !isText(type) : !isBytes(type)) return wrongBuffer(form, where, type);
  if (tooSmall(capacity, type)) return tooSmallBuffer(where, type);
  let address = NULL;
  return {
    of: ({ capacity }) => (address = arena.take(capacity).address),
    output: { isText: form === 'text', isInPlace: false, address: () => address, free: null },
  };
}

/** A copy of the body, which the function changes where it lies. */
function changedBody(capacity: Capacity, where: string, type: PointerType, { arena }: Shared): Argument | string {
  if (!isBytes(type)) return wrongBuffer('body', where, type);
  if (tooSmall(capacity, type)) return tooSmallBuffer(where, type);
  let address = NULL;
  return {
    of({ call, capacity }) {
      if (call.length > capacity) throw new BadRequest(`the body is longer than ${capacity} bytes`, '');
      address = arena.take(capacity).address;
      copyBytes(address, call.body, call.length);
      return address;
    },
    output: { isText: false, isInPlace: true, address: () => address, free: null },
  };
}

/** A body may be empty: what is left then is all that is sure. */
function tooSmall({ bytes }: Capacity, { count }: PointerType): boolean {
  return count !== null && bytes < count;
}

function tooSmallBuffer(where: string, { count }: PointerType): string {
  return `${where} needs a capacity of at least the ${String(count)} bytes that are declared`;
}

function wrongBuffer(form: 'body' | 'text', where: string, type: PointerType): string {
  const wanted = form === 'text' ? 'char' : 'bytes (uint8_t, char or void)';
  return `${where} needs a pointer to ${wanted}, not ${type.written}`;
}

/** Memory that the function allocates, and whose address it writes. */
function allocated(
  form: 'body' | 'text',
  symbol: string,
  where: string,
  type: PointerType,
  shared: Shared,
): Argument | string {
  const { target } = type;
  if (type.count !== null || (form === 'text' ? !isText(target) : !isBytes(target)))
    return `${where} with free needs a pointer to a pointer to ${form === 'text' ? 'char' : 'bytes'}, not ${type.written}`;
  const free = shared.findFree(symbol);
  if (typeof free === 'string') return free;
  const cell = allocate(8);
  const words = new BigUint64Array(cell.view.buffer);
  const output: Output = {
    isText: form === 'text',
    isInPlace: false,
    address: () => (words[0] ?? 0n) as Pointer,
    free,
  };
  return {
    of() {
      words[0] = 0n;
      return cell.address;
    },
    output,
  };
}

/** An integer that holds the capacity before the call, and the length after it. */
function length(where: string, type: PointerType): Argument | string {
  const { target, count } = type;
  if (target.kind !== 'integer' || target.bits < 32 || count !== null)
    return `${where} needs a pointer to an integer of 32 bits or more, not ${type.written}`;
  const cell = allocate(8);
  return {
    of({ capacity }) {
      if (capacity > target.range.max) throw new BadRequest(`the capacity is more than ${target.written} can say`, '');
      writeScalar(cell.view, 0, target, capacity);
      return cell.address;
    },
    length: () => Number(readScalar(cell.view, 0, target)),
  };
}

function handle(where: string, type: PointerType): Argument | string {
  if (type.target.kind !== 'pointer' || type.count !== null)
    return `${where} needs a pointer to a pointer, not ${type.written}`;
  const cell = allocate(8);
  const words = new BigUint64Array(cell.view.buffer);
  return { of: () => cell.address, handle: () => (words[0] ?? 0n) as Pointer };
}

/** A number or a struct that goes into the JSON reply, and comes from the JSON body if it `isInput`. */
function part(
  pointer: string,
  where: string,
  type: PointerType,
  isInput: boolean,
  { arena, limit }: Shared,
): Argument | string {
  const { target } = type;
  const object = objectAt(type);
  const isChar = target.kind === 'integer' && target.isChar && type.count === null;
  if (object === null || isChar || (target.kind !== 'struct' && !isScalar(target)))
    return `${where} needs a pointer to a number, a bool or a struct, not ${type.written}`;
  const cell = allocate(sizeOf(object));
  const after = { pointer, read: () => read(cell, 0, object, limit) };
  if (!isInput) {
    return {
      of() {
        cell.bytes.fill(0);
        return cell.address;
      },
      part: after,
    };
  }
  return {
    needsJson: true,
    of({ json }) {
      cell.bytes.fill(0);
      write(cell, 0, object, valueAt(json, pointer), pointer, arena);
      return cell.address;
    },
    part: after,
  };
}
