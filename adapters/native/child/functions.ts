import type { Problem } from '../../../src/domain/backend.js';
import type { NativeFunction } from '../../../src/domain/native-function.js';
import { AT, type LibraryOpening } from '../protocol/opening.js';
import { BUFFER_TYPE, bufferRunner } from './buffer.js';
import { CSTRING_TYPE, cstringRunner } from './cstring.js';
import { findInProcess } from './libc.js';
import type { Library } from './library.js';
import type { Outgoing } from './outgoing.js';
import type { Pointer } from './pointer.js';
import { prototypeRunner } from './prototype.js';
import type { Runner } from './runner.js';

type Free = (memory: Pointer) => void;

/** Resolves every function of a library. Adds every mistake to `problems`; the runners are complete when there is none. */
export function bindFunctions(
  opening: LibraryOpening,
  library: Library,
  outgoing: Outgoing,
  problems: Problem[],
): ReadonlyMap<number, Runner> {
  const free = bindFree(opening.free, library);
  if (free === null)
    problems.push({ pointer: AT.free, message: `neither the library nor the C library has a symbol ${opening.free}` });

  const runners = new Map<number, Runner>();
  for (const { id, name, declared } of opening.functions) {
    if (!library.has(declared.symbol)) {
      problems.push({
        pointer: placeOfSymbol(name, declared),
        message: `the library has no symbol ${declared.symbol}`,
      });
    }
    const runner = bindFunction(name, declared, library, free ?? ignore, opening.outputLimit, outgoing, problems);
    if (runner !== null) runners.set(id, runner);
  }
  return runners;
}

function bindFunction(
  name: string,
  declared: NativeFunction,
  library: Library,
  free: Free,
  limit: number,
  outgoing: Outgoing,
  problems: Problem[],
): Runner | null {
  switch (declared.convention) {
    case 'buffer':
      if (!library.has(declared.symbol)) return null;
      return bufferRunner(bindAs(declared.symbol, library, BUFFER_TYPE), free, limit, outgoing);
    case 'cstring':
      if (!library.has(declared.symbol)) return null;
      return cstringRunner(bindAs(declared.symbol, library, CSTRING_TYPE), free, limit, outgoing);
    case 'prototype':
      return prototypeRunner(name, declared, library, limit, outgoing, problems);
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

/** The library's own function first: memory must go back to the allocator that it came from. */
function bindFree(symbol: string, library: Library): Free | null {
  if (library.has(symbol)) return library.bind(symbol, 'void', ['void *']);
  return findInProcess(symbol, 'void', ['void *']);
}

function ignore(): void {
  // Never called: a missing `free` refuses the library.
}
