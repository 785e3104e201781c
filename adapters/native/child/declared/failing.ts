import type { PrototypeResult } from '../../../../src/domain/native-function.js';
import type { CallType } from './c-type.js';
import { textOfError } from './errno.js';
import { NULL } from '../pointer.js';
import type { Value } from './frame.js';

/** Whether a result says that the function failed. `error` is what it left in `errno`, which was 0 before. */
export type Failing = (result: Value | undefined, error: number) => boolean;

/** When a function of this type has failed; a sentence when its result cannot tell. */
export function failingOf({ status, error }: PrototypeResult, type: CallType): Failing | string {
  if (status !== null && error !== null) return 'expected status or error, not both';
  if (status !== null) {
    if (type.kind !== 'integer') return `status needs a function that returns an integer, not ${type.written}`;
    if (status < type.range.min || status > type.range.max) return `${status} is out of the range of ${type.written}`;
    return (result) => Number(result) !== status;
  }
  const misfit = `error: ${error} does not fit a result of type ${type.written}`;
  switch (error) {
    case null:
      return () => false;
    case 'errno':
      return (_result, errno) => errno !== 0;
    case 'null':
      return type.kind === 'pointer' ? (result) => result === null || result === NULL : misfit;
    case 'negative':
      if (type.kind !== 'floating' && (type.kind !== 'integer' || type.range.min === 0n)) return misfit;
      return (result) => Number(result) < 0;
    case 'zero':
    case 'nonzero':
      if (type.kind !== 'integer' && type.kind !== 'bool') return misfit;
      return error === 'zero' ? (result) => Number(result) === 0 : (result) => Number(result) !== 0;
    default:
      return error satisfies never;
  }
}

/** What is told of a failure about which the library itself says nothing. */
export function describeFailure(result: Value | undefined, type: CallType, errno: number | null): string {
  if (errno !== null && errno !== 0) return textOfError(errno);
  if (type.kind === 'void') return 'the function failed';
  return type.kind === 'pointer' ? 'it returned NULL' : `the function returned ${String(result)}`;
}

/** The status of a failure, as far as an answer has room for it. */
export function statusOf(result: Value | undefined, type: CallType): number {
  if (type.kind !== 'integer' && type.kind !== 'bool') return 0;
  return typeof result === 'bigint' ? Number(BigInt.asIntN(32, result)) : Number(result) | 0;
}
