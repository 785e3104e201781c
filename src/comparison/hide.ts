import type { Comparison, Difference } from '../domain/comparison.js';
import { compileRules, isIgnored, partsOf, rulesOf } from './json/rules.js';
import type { Rules } from './json/rules.js';

/** What stands in place of what is taken out. */
export const REDACTED = '[redacted]';

const compiled = new WeakMap<readonly string[], Rules>();

/** Compiles what is to be taken out, once for each list. */
export function redactionRules(pointers: readonly string[]): Rules {
  const known = compiled.get(pointers);
  if (known !== undefined) return known;
  const rules = compileRules(pointers);
  compiled.set(pointers, rules);
  return rules;
}

/** Takes out the excerpts that show, or could show, what stands at one of these pointers. */
export function hideExcerpts(comparison: Comparison, pointers: readonly string[]): Comparison {
  const rules = redactionRules(pointers);
  if (rules === null || comparison.differences.length === 0) return comparison;
  const hidden = comparison.differences.map((difference) =>
    concerns(rules, difference.pointer) ? withoutExcerpts(difference) : difference,
  );
  return { ...comparison, differences: hidden };
}

/** Whether a place is at, in or around one that is taken out. */
function concerns(rules: Rules, pointer: string): boolean {
  let here = rules;
  for (const part of partsOf(pointer)) {
    if (isIgnored(here)) return true;
    here = rulesOf(here, part);
  }
  return here !== null;
}

function withoutExcerpts({ pointer, kind, legacy, wasm }: Difference): Difference {
  return { pointer, kind, legacy: legacy === null ? null : REDACTED, wasm: wasm === null ? null : REDACTED };
}
