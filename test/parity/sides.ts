import { setTimeout as pause } from 'node:timers/promises';
import type { Ended } from '#src/domain/comparison.js';
import type { Compare } from '#src/domain/compare.js';
import type { PluginFunction } from '#src/domain/plugin.js';
import { createComparer } from '#src/comparison/comparer.js';
import type { Pair } from '#src/parity/pair.js';
import { functionNamed } from '../functions.js';

export const { compare }: { readonly compare: Compare } = createComparer();

type Answer = (text: string) => string | Ended;

/** A function whose sides are written here; each takes as long as `waits` says, in milliseconds. */
export function pairOf(
  legacy: Answer,
  wasm: Answer,
  given: Partial<PluginFunction> = {},
  waits: () => number = () => 0,
): Pair {
  const run = (answer: Answer) => async (input: Uint8Array) => {
    const ms = waits();
    if (ms > 0) await pause(ms);
    const said = answer(Buffer.from(input).toString('utf8'));
    return typeof said === 'string' ? { output: Buffer.from(said) } : said;
  };
  return {
    plugin: 'p',
    spec: functionNamed('f', { input: 'application/json', output: 'text/plain', ...given }),
    legacy: run(legacy),
    wasm: run(wasm),
  };
}
