import type { Compared } from '#src/domain/compared.js';
import type { Difference, Ended } from '#src/domain/comparison.js';
import type { LiveFunction } from '#src/domain/generation.js';
import type { PluginFunction } from '#src/domain/plugin.js';
import { functionNamed } from '../functions.js';

/** A function that has no backends any more: what is noted of its calls does not depend on them. */
export function liveFunction(name = 'quote', given: Partial<PluginFunction> = {}): LiveFunction {
  const legacy = { stage: 'legacy' } as const;
  return {
    plugin: 'pricing',
    spec: functionNamed(name, given),
    route: {
      plugin: 'pricing',
      function: name,
      own: false,
      stage: legacy,
      effective: legacy,
      allowed: new Set(),
      tripped: null,
      revision: 0,
    },
    legacy: null,
    wasm: null,
  };
}

export const AT = Date.parse('2026-11-22T10:00:00Z');

export function difference(pointer: string, given: Partial<Difference> = {}): Difference {
  return { pointer, kind: 'value', legacy: '1', wasm: '2', ...given };
}

export function answered(output: string | Uint8Array): Ended {
  return { output: typeof output === 'string' ? Buffer.from(output) : output };
}

/** A call whose sides answered differently in these places; `input` is what tells it from others. */
export function mismatch(
  input: string | Uint8Array,
  pointers: readonly string[],
  given: Partial<Compared> = {},
): Compared {
  return {
    live: liveFunction(),
    comparison: { result: 'mismatch', differences: pointers.map((pointer) => difference(pointer)), omitted: 0 },
    input: typeof input === 'string' ? Buffer.from(input) : input,
    legacy: answered('{"a":1}'),
    wasm: answered('{"a":2}'),
    primary: 'legacy',
    requestId: 'r-1',
    key: null,
    at: AT,
    ...given,
  };
}
