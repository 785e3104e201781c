import type { TypeObject } from 'koffi';
import type { PrototypeArgument } from '../../../src/domain/plugin.js';
import type { Incoming } from './inbox.js';
import { integerRange, isFloating, type Range } from './integer.js';
import { valueAt } from './json-pointer.js';

/** Where an argument's value comes from in each call. */
export interface Argument {
  readonly needsJson: boolean;
  /** Throws {@link BadRequest}. */
  of(call: Incoming, json: unknown): number | bigint | boolean;
}

/** An input that the declared function cannot take. */
export class BadRequest extends Error {
  readonly said: { readonly detail: string; readonly pointer: string };

  constructor(detail: string, pointer: string) {
    super(detail);
    this.said = { detail, pointer };
  }
}

/** What a mapped argument gives to a parameter of this type; a sentence when it cannot. */
export function argumentOf(mapped: PrototypeArgument, type: TypeObject, hasLength: boolean): Argument | string {
  if (mapped === '$body') return bodyFor(type, hasLength);
  if (mapped === '$length') return lengthFor(type);
  if (typeof mapped === 'number') return constantFor(mapped, type);
  if (mapped.startsWith('/')) return memberFor(mapped, type);
  return `${JSON.stringify(mapped)} is neither a number, $body, $length nor a JSON pointer such as /x`;
}

function bodyFor(type: TypeObject, hasLength: boolean): Argument | string {
  const bytes = type.primitive === 'String' || (type.primitive === 'Pointer' && isBytes(type.ref));
  if (!bytes) return `$body needs a pointer to bytes (uint8_t, char or void), not ${type.name}`;
  if (!hasLength) return '$body is a pointer without a length: map $length to a parameter as well';
  return { needsJson: false, of: (call) => call.body };
}

function isBytes(type: TypeObject | undefined): boolean {
  return type !== undefined && (type.size === 1 || type.primitive === 'Void');
}

function lengthFor(type: TypeObject): Argument | string {
  const range = integerRange(type);
  if (range === null || type.size < 4) return `$length needs an integer of 32 bits or more, not ${type.name}`;
  return {
    needsJson: false,
    of(call) {
      // A size_t that is cut to 32 bits is how a gigabyte becomes a few bytes.
      if (call.length > range.max) throw new BadRequest(`the body is longer than ${type.name} can say`, '');
      return call.length;
    },
  };
}

function constantFor(value: number, type: TypeObject): Argument | string {
  if (isFloating(type)) return { needsJson: false, of: () => value };
  const range = integerRange(type);
  if (range === null) return `a number does not fit a parameter of type ${type.name}`;
  if (!Number.isSafeInteger(value) || value < range.min || value > range.max)
    return `${value} is out of the range of ${type.name}`;
  return { needsJson: false, of: () => value };
}

function memberFor(pointer: string, type: TypeObject): Argument | string {
  const range = integerRange(type);
  const of = isFloating(type)
    ? (value: unknown) => floating(value, pointer)
    : type.primitive === 'Bool'
      ? (value: unknown) => boolean(value, pointer)
      : range === null
        ? null
        : (value: unknown) => integer(value, pointer, type.name, range);
  if (of === null) return `a member of the JSON body can be given to a number or bool, not to ${type.name}`;
  return { needsJson: true, of: (_call, json) => of(valueAt(json, pointer)) };
}

function floating(value: unknown, pointer: string): number {
  if (typeof value !== 'number') throw new BadRequest('expected a number', pointer);
  return value;
}

function boolean(value: unknown, pointer: string): boolean {
  if (typeof value !== 'boolean') throw new BadRequest('expected true or false', pointer);
  return value;
}

/** Beyond 2^53 a JSON number may not be what was written: there a string of digits is asked for. */
function integer(value: unknown, pointer: string, type: string, range: Range): number | bigint {
  const whole =
    typeof value === 'number' && Number.isSafeInteger(value)
      ? value
      : typeof value === 'string' && /^-?\d{1,20}$/.test(value)
        ? BigInt(value)
        : null;
  if (whole === null) throw new BadRequest('expected a whole number (beyond 2^53 as a string of digits)', pointer);
  if (whole < range.min || whole > range.max) throw new BadRequest(`out of the range of ${type}`, pointer);
  return whole;
}
