import { COMMAND, type STARTS } from '../host-abi.js';

type Start = (typeof STARTS)[number];

/**
 * Calls what a toolchain asks to be called in a fresh instance, beside the start function that the engine has run: Haskell's
 * runtime after the start of a reactor; else the start of a reactor, of a command, or the constructors alone, the first that is
 * there. A command whose start is one of `functions` is started by calls of that, each in a new instance. Throws what that throws.
 */
export function startGuest({ exports }: WebAssembly.Instance, functions: readonly string[]): void {
  const has = (name: Start): boolean => typeof exports[name] === 'function';
  if (has('hs_init')) {
    run(exports, '_initialize');
    run(exports, 'hs_init');
  } else if (has('_initialize')) run(exports, '_initialize');
  else if (has(COMMAND)) {
    if (!functions.includes(COMMAND)) run(exports, COMMAND);
  } else run(exports, '__wasm_call_ctors');
}

function run(exports: WebAssembly.Instance['exports'], name: Start): void {
  const begin = exports[name];
  // Haskell's takes a command line: an empty one.
  if (typeof begin === 'function') (begin as (count: number, values: number) => unknown)(0, 0);
}
