/** What toolchains ask to be called before anything else: the first of these names that is there. */
const STARTS = ['hs_init', '_initialize', '_start'] as const;

/** Calls what a fresh instance starts with, beside the start function that the engine has run. Throws what that throws. */
export function startGuest({ exports }: WebAssembly.Instance): void {
  for (const name of STARTS) {
    const begin = exports[name];
    if (typeof begin !== 'function') continue;
    (begin as () => unknown)();
    return;
  }
}
