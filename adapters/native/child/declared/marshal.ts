import { endianness } from 'node:os';
import type { Arena } from './arena.js';
import {
  type ArrayType,
  isText,
  type ObjectType,
  type PointerType,
  type ScalarType,
  type StructLayout,
} from './c-type.js';
import { below } from './json-pointer.js';
import { sizeOf } from './layout.js';
import { readText } from './c-string.js';
import { BadOutput, BadRequest } from './misfit.js';
import { NULL, type Pointer } from '../pointer.js';
import { jsonOf, type Scalar, scalarOf } from './scalar.js';

const LITTLE = endianness() === 'LE';
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The memory that values lie in. */
export interface Place {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** Writes a JSON value as C has it, texts of its pointers into `arena`. Throws {@link BadRequest} with a place below `pointer`. */
export function write(place: Place, at: number, type: ObjectType, value: unknown, pointer: string, arena: Arena): void {
  switch (type.kind) {
    case 'bool':
    case 'floating':
    case 'integer':
      writeScalar(place.view, at, type, scalarOf(value, type, pointer));
      return;
    case 'pointer':
      place.view.setBigUint64(at, pointerOf(type, value, pointer, arena), LITTLE);
      return;
    case 'array':
      writeArray(place, at, type, value, pointer, arena);
      return;
    case 'struct':
      writeStruct(place, at, type.layout, value, pointer, arena);
      return;
    default:
      return type satisfies never;
  }
}

/** What lies in memory as a JSON value; undefined for a pointer that is no text. Throws {@link BadOutput}. */
export function read(place: Place, at: number, type: ObjectType, limit: number): unknown {
  switch (type.kind) {
    case 'bool':
    case 'floating':
    case 'integer':
      return jsonOf(readScalar(place.view, at, type), type);
    case 'pointer':
      return readPointer(place, at, type, limit);
    case 'array':
      return readArray(place, at, type, limit);
    case 'struct':
      return Object.fromEntries(
        type.layout.fields.map((field) => [field.name, read(place, at + field.offset, field.type, limit)]),
      );
    default:
      return type satisfies never;
  }
}

/** A JSON text as one that C can have. Throws {@link BadRequest}. */
export function textOf(value: unknown, pointer: string): string {
  if (typeof value !== 'string') throw new BadRequest('expected a text', pointer);
  if (value.includes('\0')) throw new BadRequest('a C string cannot contain a NUL', pointer);
  return value;
}

/** Bytes as text. Throws {@link BadOutput}. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new BadOutput('its text is no UTF-8');
  }
}

function writeArray(place: Place, at: number, type: ArrayType, value: unknown, pointer: string, arena: Arena): void {
  const { of, length } = type;
  if (of.kind === 'integer' && of.isChar) {
    const text = textOf(value, pointer);
    if (Buffer.byteLength(text) >= length)
      throw new BadRequest(`expected a text of at most ${length - 1} bytes`, pointer);
    place.bytes.fill(0, at, at + length);
    place.bytes.write(text, at);
    return;
  }
  if (!Array.isArray(value) || value.length !== length)
    throw new BadRequest(`expected a list of ${length} elements`, pointer);
  const size = sizeOf(of);
  for (const [index, element] of value.entries())
    write(place, at + index * size, of, element, below(pointer, index), arena);
}

function writeStruct(
  place: Place,
  at: number,
  layout: StructLayout,
  value: unknown,
  pointer: string,
  arena: Arena,
): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BadRequest(`expected a mapping with the fields of ${layout.name}`, pointer);
  const members = value as Readonly<Record<string, unknown>>;
  for (const field of layout.fields) {
    const member = Object.hasOwn(members, field.name) ? members[field.name] : undefined;
    write(place, at + field.offset, field.type, member, below(pointer, field.name), arena);
  }
}

/** Text or NULL; other pointers are always NULL. */
function pointerOf(type: PointerType, value: unknown, pointer: string, arena: Arena): Pointer {
  if (!isText(type)) {
    if (value !== undefined && value !== null) throw new BadRequest(`a ${type.written} cannot be given`, pointer);
    return NULL;
  }
  return value === null ? NULL : arena.text(textOf(value, pointer), pointer);
}

function readPointer(place: Place, at: number, type: PointerType, limit: number): string | null | undefined {
  if (!isText(type)) return undefined;
  const address = place.view.getBigUint64(at, LITTLE) as Pointer;
  return address === NULL ? null : decodeText(readText(address, limit));
}

function readArray(place: Place, at: number, { of, length }: ArrayType, limit: number): unknown {
  if (of.kind === 'integer' && of.isChar) {
    const end = place.bytes.subarray(at, at + length).indexOf(0);
    return decodeText(place.bytes.subarray(at, at + (end === -1 ? length : end)));
  }
  const size = sizeOf(of);
  // JSON has no word for what is left out: in a list it is null.
  return Array.from({ length }, (_, index) => read(place, at + index * size, of, limit));
}

export function writeScalar(view: DataView, at: number, type: ScalarType, value: Scalar): void {
  switch (type.kind) {
    case 'bool':
      view.setUint8(at, value === true ? 1 : 0);
      return;
    case 'floating':
      if (type.koffi === 'float') view.setFloat32(at, Number(value), LITTLE);
      else view.setFloat64(at, Number(value), LITTLE);
      return;
    case 'integer':
      if (type.bits === 64) view.setBigInt64(at, BigInt(value), LITTLE);
      else if (type.bits === 32) view.setInt32(at, Number(value), LITTLE);
      else if (type.bits === 16) view.setInt16(at, Number(value), LITTLE);
      else view.setInt8(at, Number(value));
      return;
    default:
      return type satisfies never;
  }
}

export function readScalar(view: DataView, at: number, type: ScalarType): Scalar {
  switch (type.kind) {
    case 'bool':
      return view.getUint8(at) !== 0;
    case 'floating':
      return type.koffi === 'float' ? view.getFloat32(at, LITTLE) : view.getFloat64(at, LITTLE);
    case 'integer':
      return readInteger(view, at, type.bits, type.range.min < 0n);
    default:
      return type satisfies never;
  }
}

function readInteger(view: DataView, at: number, bits: number, signed: boolean): number | bigint {
  if (bits === 64) return signed ? view.getBigInt64(at, LITTLE) : view.getBigUint64(at, LITTLE);
  if (bits === 32) return signed ? view.getInt32(at, LITTLE) : view.getUint32(at, LITTLE);
  if (bits === 16) return signed ? view.getInt16(at, LITTLE) : view.getUint16(at, LITTLE);
  return signed ? view.getInt8(at) : view.getUint8(at);
}
