import type { PrototypeArgument } from '../../../src/domain/native-function.js';
import type { CType, Range } from './c-type.js';
import type { Incoming } from './inbox.js';
import { valueAt } from './json-pointer.js';

type Value = number | bigint | boolean;

/** Where an argument's value comes from in each call. */
export interface Argument {
  readonly needsJson: boolean;
  /** Throws {@link BadRequest}. */
  of(call: Incoming, json: unknown): Value;
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
export function argumentOf(mapped: PrototypeArgument, type: CType, hasLength: boolean): Argument | string {
  if (mapped === '$body') return bodyFor(type, hasLength);
  if (mapped === '$length') return lengthFor(type);
  if (typeof mapped === 'number') return constantFor(mapped, type);
  if (mapped.startsWith('/')) return memberFor(mapped, type);
  return `${JSON.stringify(mapped)} is neither a number, $body, $length nor a JSON pointer such as /x`;
}

function bodyFor(type: CType, hasLength: boolean): Argument | string {
  if (type.kind !== 'pointer' || type.to === 'other')
    return `$body needs a pointer to bytes (uint8_t, char or void), not ${type.written}`;
  if (!hasLength) return '$body is a pointer without a length: map $length to a parameter as well';
  return { needsJson: false, of: (call) => call.body };
}

function lengthFor(type: CType): Argument | string {
  if (type.kind !== 'integer' || type.bits < 32)
    return `$length needs an integer of 32 bits or more, not ${type.written}`;
  const { max } = type.range;
  return {
    needsJson: false,
    of({ length }) {
      // A length that is cut to 32 bits is how a few bytes become gigabytes.
      if (length > max) throw new BadRequest(`the body is longer than ${type.written} can say`, '');
      return length;
    },
  };
}

function constantFor(value: number, type: CType): Argument | string {
  switch (type.kind) {
    case 'floating':
      return { needsJson: false, of: () => value };
    case 'integer':
      if (!Number.isSafeInteger(value) || value < type.range.min || value > type.range.max)
        return `${value} is out of the range of ${type.written}`;
      return { needsJson: false, of: () => value };
    case 'bool':
    case 'pointer':
    case 'void':
      return `a number does not fit a parameter of type ${type.written}`;
    default:
      return type satisfies never;
  }
}

function memberFor(pointer: string, type: CType): Argument | string {
  const member = (read: (value: unknown) => Value): Argument => ({
    needsJson: true,
    of: (_call, json) => read(valueAt(json, pointer)),
  });
  switch (type.kind) {
    case 'floating':
      return member((value) => floating(value, pointer));
    case 'bool':
      return member((value) => boolean(value, pointer));
    case 'integer':
      return member((value) => integer(value, pointer, type.written, type.range));
    case 'pointer':
    case 'void':
      return `a member of the JSON body can be given to a number or bool, not to ${type.written}`;
    default:
      return type satisfies never;
  }
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
