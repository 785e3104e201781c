import type { Problem } from '../../../src/domain/backend.js';
import type { NativeFunction } from '../../../src/domain/native-function.js';
import { AT, type LibraryOpening } from '../protocol/opening.js';
import { Arena } from './declared/arena.js';
import { BUFFER_TYPE, bufferRunner } from './buffer.js';
import type { Binding } from './declared/c-call.js';
import { CSTRING_TYPE, cstringRunner } from './cstring.js';
import { addressOfSymbol, findInProcess } from './libc.js';
import { describeData, type Library } from './library/library.js';
import { isData } from './library/symbol-type.js';
import { bindLife, handleOf, type Life } from './declared/life.js';
import { allocateText } from './declared/memory.js';
import type { Outgoing } from './channel/outgoing.js';
import type { Pointer } from './pointer.js';
import { prototypeRunner } from './declared/prototype.js';
import type { Runner } from './runner.js';
import { tabulateTypes } from './declared/type-table.js';

type Free = (memory: Pointer) => void;

/** A library with every function resolved. */
export interface BoundLibrary {
  /** By the function's id. */
  readonly runners: ReadonlyMap<number, Runner>;
  readonly life: Life;
}

/** Resolves every function of a library. Adds every mistake to `problems`; what it answers is complete when there is none. */
export function bindFunctions(
  opening: LibraryOpening,
  library: Library,
  outgoing: Outgoing,
  problems: Problem[],
): BoundLibrary {
  const free = bindFree(opening.free, library);
  if (typeof free === 'string') problems.push({ pointer: AT.free, message: free });

  const types = tabulateTypes(opening.types, problems);
  const config = allocateText(JSON.stringify(opening.config));
  const shared = {
    arena: new Arena(),
    limit: opening.outputLimit,
    // Its memory is held with the address.
    get config() {
      return config.address;
    },
    handle: handleOf(opening.init, types.known),
    findFree: (symbol: string) => bindFree(symbol, library),
  };
  const binding: Binding = { library, types, shared };
  const life = bindLife(opening, binding, problems);

  const runners = new Map<number, Runner>();
  for (const { id, name, declared } of opening.functions) {
    const wrong = declared.convention === 'stable' ? null : library.wrongWith(declared.symbol);
    if (wrong !== null) problems.push({ pointer: placeOfSymbol(name, declared), message: wrong });
    const giveBack = typeof free === 'string' ? ignore : free;
    const runner = bindFunction(name, declared, binding, giveBack, life, outgoing, problems);
    if (runner !== null) runners.set(id, runner);
  }
  return { runners, life };
}

function bindFunction(
  name: string,
  declared: NativeFunction,
  binding: Binding,
  free: Free,
  { lastError }: Life,
  outgoing: Outgoing,
  problems: Problem[],
): Runner | null {
  const { library, shared } = binding;
  switch (declared.convention) {
    case 'buffer':
      if (library.wrongWith(declared.symbol) !== null) return null;
      return bufferRunner(bindAs(declared.symbol, library, BUFFER_TYPE), free, shared.limit, lastError, outgoing);
    case 'cstring':
      if (library.wrongWith(declared.symbol) !== null) return null;
      return cstringRunner(bindAs(declared.symbol, library, CSTRING_TYPE), free, shared.limit, lastError, outgoing);
    case 'stable':
      // Bound by its vtable, after the library's own symbols.
      return null;
    case 'prototype':
      return prototypeRunner(AT.function(name), declared, binding, lastError, outgoing, problems);
    default:
      return declared satisfies never;
  }
}

/** A prototype names the symbol itself, unless the manifest names another. */
function placeOfSymbol(name: string, declared: NativeFunction): string {
  const byPrototype =
    declared.convention === 'prototype' && new RegExp(`\\b${declared.symbol}\\b`).test(declared.prototype);
  return `${AT.function(name)}/${byPrototype ? 'prototype' : 'symbol'}`;
}

function bindAs(symbol: string, library: Library, type: { result: string; parameters: readonly string[] }) {
  return library.bind(symbol, type.result, type.parameters);
}

/** The library's own function first: memory must go back to the allocator that it came from. Answers what is wrong, if so. */
function bindFree(symbol: string, library: Library): Free | string {
  if (library.has(symbol)) return library.wrongWith(symbol) ?? library.bind(symbol, 'void', ['void *']);
  const free = findInProcess(symbol, 'void', ['void *']);
  if (free === null) return `neither the library nor the C library has a symbol ${symbol}`;
  return isData(addressOfSymbol(symbol)) ? describeData(symbol) : free;
}

function ignore(): void {
  // Never called: without a `free` the library is refused.
}
