import type { Problem } from '../../../../src/domain/backend.js';
import type { PrototypeArgument, PrototypeCall } from '../../../../src/domain/native-function.js';
import { AT, type LibraryOpening } from '../../protocol/opening.js';
import { type Binding, bindCall, type CCall } from './c-call.js';
import { type KnownTypes, parsePrototype } from './c-prototype.js';
import { type CallType, pointerTo } from './c-type.js';
import { readStart } from './c-string.js';
import { describeFailure } from './failing.js';
import { type Frame, type Handle, NO_CALL } from './frame.js';
import { resultOf } from './mapping.js';
import { NULL, type Pointer } from '../pointer.js';
import { wrongWithResult } from './result.js';

/** Most of a library's own words about a failure. */
const TEXT_KEPT = 1024;

/** What the library says about its last failure; null when it says nothing. */
export type LastError = () => string | null;

/** What a library is called for besides its functions. */
export interface Life {
  readonly lastError: LastError;
  /** Calls `init`. Answers what is wrong; null when nothing is. */
  start(): Problem | null;
  /** Calls `shutdown`. */
  readonly end: () => void;
}

/** The handle that `init` will make, by its type: before anything is called, since prototypes are checked against it. */
export function handleOf(init: PrototypeCall | null, known: KnownTypes): Handle {
  return { type: init === null ? null : typeOfHandle(init, known), value: null };
}

/** Binds `init`, `shutdown` and `last_error`. Adds every mistake to `problems`. */
export function bindLife(opening: LibraryOpening, binding: Binding, problems: Problem[]): Life {
  const bind = (at: string, declared: PrototypeCall | null, allowed: readonly string[]): CCall | null => {
    if (declared === null) return null;
    problems.push(...uselessArguments(at, declared, allowed));
    const wrong = binding.library.wrongWith(declared.symbol);
    if (wrong !== null) problems.push({ pointer: at, message: wrong });
    return bindCall(at, declared, binding, problems);
  };
  const init = bind(AT.init, opening.init, ['{ out: handle }', '$config']);
  const shutdown = bind(AT.shutdown, opening.shutdown, ['$handle', '$config']);
  const words = bind(AT.lastError, opening.lastError, ['$handle']);
  if (init !== null) checkInit(init, problems);
  if (words !== null) checkLastError(words, problems);

  const frame: Frame = { call: NO_CALL, json: undefined, capacity: 0 };
  const lastError: LastError = () => {
    const text = words?.run(frame);
    if (typeof text !== 'bigint' || text === 0n) return null;
    const said = readStart(text as Pointer, TEXT_KEPT).toString();
    words?.free?.(text as Pointer);
    return said === '' ? null : said;
  };

  return {
    lastError,
    start() {
      if (init === null) return null;
      const { handle } = binding.shared;
      const result = init.run(frame);
      const made = init.args.find((argument) => argument.handle !== undefined)?.handle?.();
      // Also of a failure: a library may keep its words about it behind the handle.
      if (made !== undefined) handle.value = made;
      else if (init.result.as === 'handle') handle.value = result ?? null;
      const failed = init.failing(result, init.errno() ?? 0);
      if (!failed && made !== NULL) return null;
      const said = lastError() ?? (failed ? describeFailure(result, init.type, init.errno()) : 'it made no handle');
      return { pointer: AT.init, message: `${opening.init?.symbol ?? 'init'} failed: ${said}` };
    },
    end: () => void shutdown?.run(frame),
  };
}

function typeOfHandle(init: PrototypeCall, known: KnownTypes): CallType | null {
  const parsed = parsePrototype(init.prototype, known);
  // Its own mistake is told elsewhere; it should not bring others.
  if (typeof parsed === 'string') return pointerTo({ kind: 'void', written: 'void', koffi: 'void' });
  const out = init.args.findIndex(isOutHandle);
  if (out === -1) return resultOf(init.result).as === 'handle' ? parsed.result : null;
  const parameter = parsed.parameters[out];
  return parameter?.kind === 'pointer' && parameter.target.kind === 'pointer' ? parameter.target : null;
}

function isOutHandle(argument: PrototypeArgument): boolean {
  return typeof argument === 'object' && argument !== null && 'out' in argument && argument.out === 'handle';
}

/** There is no call whose body could be meant, and no reply. */
function uselessArguments(at: string, { args }: PrototypeCall, allowed: readonly string[]): Problem[] {
  return args.flatMap((argument, index) => {
    const isConstant =
      (typeof argument !== 'string' && typeof argument !== 'object') ||
      argument === null ||
      (typeof argument === 'object' && 'text' in argument);
    const word = typeof argument === 'string' ? argument : isOutHandle(argument) ? '{ out: handle }' : '';
    if (isConstant || allowed.includes(word)) return [];
    return [{ pointer: `${at}/args/${index}`, message: `expected a constant, ${allowed.join(' or ')} here` }];
  });
}

function checkInit({ result, type }: CCall, problems: Problem[]): void {
  if (result.as !== 'handle' && result.as !== 'none')
    problems.push({
      pointer: `${AT.init}/result`,
      message: 'the result of init is the handle, or none: there is no reply',
    });
  else if (result.as === 'handle' && type.kind !== 'pointer' && type.kind !== 'integer')
    problems.push({ pointer: `${AT.init}/result`, message: `a ${type.written} cannot be a handle` });
}

function checkLastError({ result, type }: CCall, problems: Problem[]): void {
  const wrong = wrongWithResult('text', type);
  if (result.as !== 'text' || wrong !== null)
    problems.push({ pointer: AT.lastError, message: wrong ?? 'last_error answers a text' });
}
