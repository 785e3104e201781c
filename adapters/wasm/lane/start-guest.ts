import { STARTS } from '../host-abi.js';

/** Calls what a fresh instance starts with, beside the start function that the engine has run. Throws what that throws. */
export function startGuest({ exports }: WebAssembly.Instance): void {
  for (const name of STARTS) {
    const begin = exports[name];
    if (typeof begin !== 'function') continue;
    (begin as () => unknown)();
    return;
  }
}
