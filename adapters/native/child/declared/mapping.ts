import type { Capacity, PrototypeArgument, PrototypeResult } from '../../../../src/domain/native-function.js';
import type { CallType } from './c-type.js';
import { overlap } from './json-pointer.js';

/** A place below the function's own, and what is wrong there. */
export interface Misfit {
  readonly place: string;
  readonly message: string;
}

/** A part that says `json` or `text` alone stands for the mapping with nothing else in it. */
export function resultOf(result: 'json' | 'text' | PrototypeResult): PrototypeResult {
  if (typeof result !== 'string') return result;
  return { as: result, at: null, free: null, status: null, error: null, errno: false };
}

/** What the arguments and the result of one function are to each other. */
export interface Mapping {
  /** Null: no output of which it could be. */
  readonly capacity: Capacity | null;
  /** Whether the function is told the capacity, so that a smaller one does no harm. */
  readonly isTold: boolean;
}

export function mappingOf(args: readonly PrototypeArgument[]): Mapping {
  const output = args.find(isOutput);
  return {
    capacity: output !== undefined && 'capacity' in output ? output.capacity : null,
    isTold: args.some((argument) => argument === '$capacity' || isLength(argument)),
  };
}

/** What of the arguments and the result cannot stand together. `limit` is the most that the function may answer. */
export function misfits(
  args: readonly PrototypeArgument[],
  result: PrototypeResult,
  type: CallType,
  limit: number,
): readonly Misfit[] {
  return [
    ...misfitsOfOutputs(args, result, limit),
    ...misfitsOfParts(args, result),
    ...misfitsOfResult(args, result, type),
  ];
}

type Output = Extract<PrototypeArgument, { readonly capacity: Capacity } | { readonly free: string }>;

function isOutput(argument: PrototypeArgument): argument is Output {
  return typeof argument === 'object' && argument !== null && ('capacity' in argument || 'free' in argument);
}

function isLength(argument: PrototypeArgument): boolean {
  return typeof argument === 'object' && argument !== null && 'out' in argument && argument.out === 'length';
}

/** Where in a JSON reply an argument stands; null for one that does not. */
function partOf(argument: PrototypeArgument): string | null {
  if (typeof argument !== 'object' || argument === null || isOutput(argument)) return null;
  const pointer = 'out' in argument ? argument.out : 'inout' in argument ? argument.inout : '';
  return pointer.startsWith('/') ? pointer : null;
}

function misfitsOfOutputs(args: readonly PrototypeArgument[], result: PrototypeResult, limit: number): Misfit[] {
  const found: Misfit[] = [];
  const first = args.findIndex(isOutput);
  const lengths = args.filter(isLength).length;
  for (const [index, argument] of args.entries()) {
    const place = `/args/${index}`;
    if (isLength(argument)) {
      if (index !== args.findIndex(isLength)) found.push({ place, message: 'there is another { out: length }' });
      if (first === -1 && result.as !== 'bytes')
        found.push({
          place,
          message: '{ out: length } is the length of nothing: map { out: body, … } as well, or say as: bytes',
        });
    }
    if (!isOutput(argument)) continue;
    if (index !== first) found.push({ place, message: 'there is another output: a reply has one' });
    if ('capacity' in argument) {
      const { factor, bytes } = argument.capacity;
      if (bytes > limit)
        found.push({
          place: `${place}/capacity`,
          message: `${bytes} bytes are more than the output limit of ${limit}`,
        });
      else if (factor === 0 && bytes === 0)
        found.push({ place: `${place}/capacity`, message: 'there is room for nothing' });
    } else if (argument.out === 'body' && lengths === 0 && result.as !== 'length') {
      found.push({
        place,
        message: 'the output is a pointer without a length: map { out: length } to a parameter as well',
      });
    }
  }
  return found;
}

function misfitsOfParts(args: readonly PrototypeArgument[], result: PrototypeResult): Misfit[] {
  const parts = args.map(partOf);
  const found: Misfit[] = [];
  for (const [index, part] of parts.entries()) {
    if (part === null) continue;
    const place = `/args/${index}`;
    if (args.some(isOutput)) found.push({ place, message: `the reply is the output: ${part} has no place in it` });
    if (result.as === 'bytes') found.push({ place, message: `the reply is the result: ${part} has no place in it` });
    if (parts.some((other, before) => before < index && other !== null && overlap(part, other)))
      found.push({ place, message: `another argument stands at ${part} of the reply` });
    if (result.at !== null && overlap(part, result.at))
      found.push({ place, message: `the result stands at ${part} of the reply` });
  }
  return found;
}

function misfitsOfResult(args: readonly PrototypeArgument[], result: PrototypeResult, type: CallType): Misfit[] {
  const { as, at, free, error, status, errno } = result;
  const found: Misfit[] = [];
  const wrong = (place: string, message: string): void => void found.push({ place, message });
  const isReply = as === 'json' || as === 'text' || as === 'bytes';
  const hasParts = args.some((argument) => partOf(argument) !== null);
  const hasLength = args.some(isLength);
  if (isReply && args.some(isOutput))
    wrong('/result', `the reply is the output already, and cannot be the result as ${as}`);
  if (isReply && as !== 'bytes' && at === null && hasParts)
    wrong('/result', 'the reply is a JSON document: say where in it the result stands, such as at: /result');
  if (at !== null && as !== 'json' && as !== 'text') wrong('/result/at', 'at needs as: json or as: text');
  if (as === 'bytes' && !hasLength)
    wrong('/result', 'the result is a pointer without a length: map { out: length } to a parameter');
  if (as === 'length' && !args.some(isOutput))
    wrong('/result', 'the result is the length of nothing: map { out: body, … } to a parameter');
  if (as === 'length' && hasLength) wrong('/result', 'there are two lengths: the result and { out: length }');
  if (free !== null && type.kind !== 'pointer')
    wrong('/result/free', `a result of type ${type.written} cannot be freed`);
  if (errno && error === null && status === null)
    wrong('/result/errno', 'errno tells about a failure, but nothing says what is one: add error or status');
  return found;
}
