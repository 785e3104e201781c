import type { Compare } from '#src/domain/compare.js';
import type { Comparison, CompareRule, Ended } from '#src/domain/comparison.js';
import type { PluginFunction } from '#src/domain/plugin.js';
import { createComparer } from '#src/comparison/comparer.js';
import { functionNamed } from '../functions.js';

export type JsonRule = Extract<CompareRule, { readonly as: 'json' }>;

export function json(given: Partial<JsonRule> = {}): JsonRule {
  return { as: 'json', ignore: [], unordered: [], tolerance: { absolute: 0, relative: 0 }, ...given };
}

export function reply(output: string | Uint8Array): Ended {
  return { output: typeof output === 'string' ? Buffer.from(output) : output };
}

/** Compares in this thread, whatever the size and the rule. */
export function compareNow(given: Partial<PluginFunction>, legacy: Ended, wasm: Ended): Comparison {
  const { compare } = createComparer({ atOnce: Number.POSITIVE_INFINITY });
  return atOnce(compare(functionNamed('quote', given), legacy, wasm));
}

export function atOnce(comparison: ReturnType<Compare>): Comparison {
  if ('then' in comparison) throw new Error('it was not compared at once');
  return comparison;
}

/** How two outputs differ: `kind pointer` of each difference; none where they are the same. */
export function differ(rule: CompareRule, legacy: string | Uint8Array, wasm: string | Uint8Array): string[] {
  const { result, differences } = compareNow({ compare: rule }, reply(legacy), reply(wasm));
  if ((result === 'match') !== (differences.length === 0)) throw new Error(`${result} with differences`);
  return differences.map(({ kind, pointer }) => `${kind} ${pointer}`);
}
