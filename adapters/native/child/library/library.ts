import koffi, { type LibraryHandle } from 'koffi';
import { AT } from '../../protocol/opening.js';
import type { CheckedFile } from './library-file.js';
import { Mistake } from '../mistakes.js';
import type { Pointer } from '../pointer.js';
import { isData } from './symbol-type.js';

/** A C function that koffi calls synchronously. */
export type Native = (
  ...values: readonly (number | bigint | boolean | null)[]
) => number | bigint | boolean | null | undefined;

export interface Library {
  has(symbol: string): boolean;
  /** Why a symbol is no function that can be called; null when it is one. */
  wrongWith(symbol: string): string | null;
  /** Where a symbol lies. Throws when it is missing. */
  address(symbol: string): Pointer;
  /** Types are koffi's names. Throws when the symbol is missing. */
  bind(symbol: string, result: string, parameters: readonly string[]): Native;
}

/** Loads a file that was checked; its constructors run here. `path` is what it is called in messages. Throws a {@link Mistake}. */
export function loadLibrary(path: string, file: CheckedFile): Library {
  const handle = dlopen(path, file.loadPath());
  file.confirm();
  return {
    has: (symbol) => has(handle, symbol),
    wrongWith(symbol) {
      if (!has(handle, symbol)) return `the library has no symbol ${symbol}`;
      return isData(handle.symbol(symbol) as Pointer) ? describeData(symbol) : null;
    },
    address: (symbol) => handle.symbol(symbol) as Pointer,
    bind: (symbol, result, parameters) => handle.func(symbol, result, [...parameters]),
  };
}

/** Of what a manifest takes for a function. */
export function describeData(symbol: string): string {
  return `the symbol ${symbol} is data, not a function`;
}

function dlopen(path: string, loadPath: string): LibraryHandle {
  try {
    // Node exports symbols of its own zlib, OpenSSL and others. Without `deep` a library that was linked against
    // the system's would be bound to those.
    return koffi.load(loadPath, { deep: true });
  } catch (error) {
    const said = (error as Error).message.replace(/^Failed to load shared library: /, '').replaceAll(loadPath, path);
    throw new Mistake(AT.library, `${path} cannot be loaded: ${said}`);
  }
}

function has(handle: LibraryHandle, symbol: string): boolean {
  try {
    handle.symbol(symbol);
    return true;
  } catch {
    return false;
  }
}
