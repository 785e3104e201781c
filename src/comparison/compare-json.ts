import type { CompareRule } from '../domain/comparison.js';
import { quoteBytes, viewOf } from './compare-bytes.js';
import { cut } from './excerpt.js';
import { only, type Differences } from './found.js';
import { budgetFor } from './json/budget.js';
import { excerptOf } from './json/excerpt-of.js';
import type { Numbers } from './json/numbers.js';
import { parseBoth } from './json/parse.js';
import { compileRules, type Rules } from './json/rules.js';
import type { Json } from './json/value.js';
import { differencesBetween } from './json/walk.js';

type JsonRule = Extract<CompareRule, { readonly as: 'json' }>;

/** Rules live as long as their plugin does. */
const compiled = new WeakMap<JsonRule, Rules>();

/**
 * Compares what two JSON documents mean, not how they are written: by value numbers are exact, the order of keys is
 * free, and of duplicate keys the last one counts. Bytes that are no JSON differ from any others.
 */
export function compareJson(rule: JsonRule, legacy: Uint8Array, wasm: Uint8Array): Differences {
  const { left, right, mark } = parseBoth(viewOf(legacy), viewOf(wasm));
  const { absolute, relative } = rule.tolerance;
  const numbers: Numbers = { mark, tolerance: absolute === 0 && relative === 0 ? null : rule.tolerance };
  if (left === undefined || right === undefined) {
    const show = (value: Json | undefined, bytes: Uint8Array): string =>
      value === undefined ? cut(`no JSON: ${quoteBytes(bytes, 0)}`) : excerptOf(value, numbers);
    return only({ pointer: '', kind: 'type', legacy: show(left, legacy), wasm: show(right, wasm) });
  }
  const budget = budgetFor(legacy.length + wasm.length, numbers.tolerance !== null);
  return differencesBetween(left, right, { rules: rulesFor(rule), numbers, budget });
}

function rulesFor(rule: JsonRule): Rules {
  const known = compiled.get(rule);
  if (known !== undefined) return known;
  const rules = compileRules(rule.ignore, rule.unordered);
  compiled.set(rule, rules);
  return rules;
}
