import type { PrototypeArgument } from '../../../../src/domain/native-function.js';
import { type CallType, isBytes, isText, type PointerType } from './c-type.js';
import type { Argument, Frame, Handle, Shared, Value } from './frame.js';
import { valueAt } from './json-pointer.js';
import { elementsFor, structFor, textFor } from './input.js';
import { libc } from '../libc.js';
import { allocateText } from './memory.js';
import { BadRequest } from './misfit.js';
import { outputFor } from './output.js';
import { scalarOf } from './scalar.js';

/** What a mapped argument gives to a parameter of this type; a sentence when it cannot. `all` are those of the function. */
export function argumentOf(
  mapped: PrototypeArgument,
  type: CallType,
  all: readonly PrototypeArgument[],
  shared: Shared,
): Argument | string {
  if (typeof mapped === 'number') return constantFor(mapped, type);
  if (typeof mapped === 'boolean') return booleanFor(mapped, type);
  if (mapped === null) return nullFor(type);
  if (typeof mapped === 'string') return wordFor(mapped, type, all, shared);
  if ('text' in mapped) return constantTextFor(mapped.text, type);
  if ('length' in mapped) return countFor(mapped.length, type, all);
  return outputFor(mapped, type, shared);
}

function wordFor(mapped: string, type: CallType, all: readonly PrototypeArgument[], shared: Shared): Argument | string {
  switch (mapped) {
    case '$body':
      return bodyFor(type, all.includes('$length'));
    case '$text':
      return bodyTextFor(type);
    case '$length':
      return lengthFor('$length', 'the body', type, ({ call }) => call.length);
    case '$capacity':
      return capacityFor(type, all);
    case '$handle':
      return handleFor(type, shared.handle);
    case '$config':
      return isText(type) ? { of: () => shared.config } : `$config needs a pointer to char, not ${type.written}`;
    default:
      if (mapped.startsWith('/')) return memberFor(mapped, type, all, shared);
      return `${JSON.stringify(mapped)} is neither a number, $body, $length nor a JSON pointer such as /x`;
  }
}

function bodyFor(type: CallType, hasLength: boolean): Argument | string {
  if (!isBytes(type)) return `$body needs a pointer to bytes (uint8_t, char or void), not ${type.written}`;
  if (!hasLength) return '$body is a pointer without a length: map $length to a parameter as well';
  const { count } = type;
  if (count === null) return { of: ({ call }) => call.body };
  return {
    of({ call }) {
      if (call.length < count) throw new BadRequest(`expected a body of at least ${count} bytes`, '');
      return call.body;
    },
  };
}

function bodyTextFor(type: CallType): Argument | string {
  if (!isText(type)) return `$text needs a pointer to char, not ${type.written}`;
  if (type.count !== null) return `$text may be shorter than the ${type.count} bytes that are declared: use $body`;
  return {
    of({ call: { body, length } }) {
      if (libc.strnlen(body, length) < length) throw new BadRequest('a C string cannot contain a NUL', '');
      return body;
    },
  };
}

/** An integer that is told a length in bytes. */
function lengthFor(
  word: string,
  what: string,
  type: CallType,
  lengthOf: (frame: Frame) => number,
  pointer = '',
): Argument | string {
  if (type.kind !== 'integer' || type.bits < 32)
    return `${word} needs an integer of 32 bits or more, not ${type.written}`;
  const { max } = type.range;
  return {
    of(frame) {
      const length = lengthOf(frame);
      // A length that is cut to 32 bits is how a few bytes become gigabytes.
      if (length > max) throw new BadRequest(`${what} is longer than ${type.written} can say`, pointer);
      return length;
    },
  };
}

function capacityFor(type: CallType, all: readonly PrototypeArgument[]): Argument | string {
  if (!all.some((each) => typeof each === 'object' && each !== null && 'capacity' in each))
    return '$capacity has no output of which it could be: map { out: body, capacity: … } to a parameter as well';
  return lengthFor('$capacity', 'the capacity', type, ({ capacity }) => capacity);
}

function handleFor(type: CallType, handle: Handle): Argument | string {
  if (handle.type === null)
    return '$handle is made by nothing: declare an init whose result, or { out: handle }, is it';
  if (!sameHandle(handle.type, type)) return `$handle is a ${handle.type.written}, not ${type.written}`;
  return { of: () => handle.value };
}

function sameHandle(made: CallType, wanted: CallType): boolean {
  if (made.kind === 'pointer' && wanted.kind === 'pointer')
    return made.target.kind === 'void' || wanted.target.kind === 'void' || sameTarget(made, wanted);
  return made.kind !== 'pointer' && made.koffi === wanted.koffi;
}

function sameTarget(made: PointerType, wanted: PointerType): boolean {
  return made.target === wanted.target || made.target.written === wanted.target.written;
}

function constantFor(value: number, type: CallType): Argument | string {
  switch (type.kind) {
    case 'floating':
      if (!Number.isFinite(type.koffi === 'float' ? Math.fround(value) : value))
        return `${value} is out of the range of ${type.written}`;
      return { of: () => value };
    case 'integer':
      if (!Number.isInteger(value)) return `${value} is no whole number, as ${type.written} needs`;
      if (value < type.range.min || value > type.range.max) return `${value} is out of the range of ${type.written}`;
      if (!Number.isSafeInteger(value))
        return `a constant beyond 2^53 may not be the number that was written (this was read as ${value}): take it from the body, as a string of digits`;
      return { of: () => value };
    case 'bool':
    case 'pointer':
    case 'void':
      return `a number does not fit a parameter of type ${type.written}`;
    default:
      return type satisfies never;
  }
}

function booleanFor(value: boolean, type: CallType): Argument | string {
  return type.kind === 'bool' ? { of: () => value } : `${value} does not fit a parameter of type ${type.written}`;
}

function nullFor(type: CallType): Argument | string {
  return type.kind === 'pointer' ? { of: () => null } : `null does not fit a parameter of type ${type.written}`;
}

function constantTextFor(text: string, type: CallType): Argument | string {
  if (!isText(type)) return `a text needs a pointer to char, not ${type.written}`;
  if (!type.isConst) return `a constant text needs a pointer to const char, not ${type.written}`;
  if (text.includes('\0')) return 'a C string cannot contain a NUL';
  // Held by the argument, since C has its address alone.
  const memory = allocateText(text, type.count ?? 0);
  return { of: () => memory.address };
}

/** The number of elements of the list, or of bytes of the text, at `pointer`. */
function countFor(pointer: string, type: CallType, all: readonly PrototypeArgument[]): Argument | string {
  if (!all.includes(pointer)) return `{ length: ${pointer} } needs ${pointer} as another argument`;
  const lengthOf = ({ json }: Frame): number => {
    const value = valueAt(json, pointer);
    if (Array.isArray(value)) return value.length;
    if (typeof value === 'string') return Buffer.byteLength(value);
    throw new BadRequest('expected a list or a text', pointer);
  };
  const argument = lengthFor(`{ length: ${pointer} }`, 'it', type, lengthOf, pointer);
  return typeof argument === 'string' ? argument : { ...argument, needsJson: true };
}

function memberFor(
  pointer: string,
  type: CallType,
  all: readonly PrototypeArgument[],
  { arena }: Shared,
): Argument | string {
  switch (type.kind) {
    case 'floating':
    case 'bool':
    case 'integer':
      return member(pointer, (value) => scalarOf(value, type, pointer));
    case 'pointer': {
      if (isText(type)) return member(pointer, textFor(type, pointer, arena));
      const counted = all.some(
        (each) => typeof each === 'object' && each !== null && 'length' in each && each.length === pointer,
      );
      const read = counted ? elementsFor(type, pointer, arena) : structFor(type, pointer, arena);
      return typeof read === 'string' ? read : member(pointer, read);
    }
    case 'void':
      return `a member of the JSON body does not fit ${type.written}`;
    default:
      return type satisfies never;
  }
}

function member(pointer: string, read: (value: unknown) => Value): Argument {
  return { needsJson: true, of: ({ json }) => read(valueAt(json, pointer)) };
}
