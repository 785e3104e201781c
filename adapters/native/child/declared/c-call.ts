import type { Problem } from '../../../../src/domain/backend.js';
import type { PrototypeCall, PrototypeResult } from '../../../../src/domain/native-function.js';
import { argumentOf } from './argument.js';
import { type CPrototype, parsePrototype } from './c-prototype.js';
import type { CallType } from './c-type.js';
import { clearErrno } from './errno.js';
import { type Failing, failingOf } from './failing.js';
import type { Argument, Frame, Shared, Value } from './frame.js';
import { errno } from '../libc.js';
import type { Library } from '../library/library.js';
import { resultOf } from './mapping.js';
import type { Pointer } from '../pointer.js';
import type { TypeTable } from './type-table.js';

/** What the functions of one library are bound with. */
export interface Binding {
  readonly library: Library;
  readonly types: TypeTable;
  readonly shared: Shared;
}

/** A C function with what its parameters get, ready to be called. */
export interface CCall {
  readonly args: readonly Argument[];
  readonly result: PrototypeResult;
  readonly type: CallType;
  readonly failing: Failing;
  readonly free: ((memory: Pointer) => void) | null;
  /** Calls it with what `frame` has. Throws {@link BadRequest}, and has called nothing then. */
  run(frame: Frame): Value | undefined;
  /** What the last run left in `errno`; null where nobody asked for it. */
  errno(): number | null;
}

/** Binds a declared function. Adds every mistake to `problems`; null when there is one, or when the symbol is no function. */
export function bindCall(at: string, declared: PrototypeCall, binding: Binding, problems: Problem[]): CCall | null {
  const { library, shared } = binding;
  const parsed = parsePrototype(declared.prototype, binding.types.known);
  if (typeof parsed === 'string') {
    problems.push({ pointer: `${at}/prototype`, message: `the C prototype is not understood: ${parsed}` });
    return null;
  }
  const before = problems.length;
  const args = bindArguments(at, declared, parsed, shared, problems);
  const result = resultOf(declared.result);
  const failing = failingOf(result, parsed.result);
  if (typeof failing === 'string') problems.push({ pointer: `${at}/result`, message: failing });
  const free = result.free === null ? null : shared.findFree(result.free);
  if (typeof free === 'string') problems.push({ pointer: `${at}/result/free`, message: free });
  if (typeof failing === 'string' || typeof free === 'string' || problems.length > before) return null;
  if (library.wrongWith(declared.symbol) !== null) return null;

  const types = parsed.parameters.map((type) => type.koffi);
  const native = library.bind(declared.symbol, parsed.result.koffi, types);
  const values = new Array<Value>(args.length).fill(null);
  const isWatched = result.errno || result.error === 'errno';
  let error: number | null = null;
  return {
    args,
    result,
    type: parsed.result,
    failing,
    free,
    run(frame) {
      for (const [index, argument] of args.entries()) values[index] = argument.of(frame);
      if (!isWatched) return native(...values);
      clearErrno();
      const returned = native(...values);
      error = errno();
      return returned;
    },
    errno: () => error,
  };
}

function bindArguments(
  at: string,
  { args }: PrototypeCall,
  parsed: CPrototype,
  shared: Shared,
  problems: Problem[],
): readonly Argument[] {
  if (args.length !== parsed.parameters.length) {
    const message = `expected as many arguments as the prototype has parameters (${parsed.parameters.length}), found ${args.length}`;
    problems.push({ pointer: `${at}/args`, message });
    return [];
  }
  return parsed.parameters.flatMap((type, index) => {
    const argument = argumentOf(args[index] ?? null, type, args, shared);
    if (typeof argument !== 'string') return [argument];
    problems.push({ pointer: `${at}/args/${index}`, message: argument });
    return [];
  });
}
