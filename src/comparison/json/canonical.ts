import { spell, typeOf, type Numbers } from './numbers.js';
import { isIgnored, isUnordered, rulesOf, rulesOfAny, type Rules } from './rules.js';
import type { Json, JsonObject } from './value.js';

/** One form for all values that are the same. */
export interface Canonical {
  readonly text: string;
  /** Where there is a tolerance, numbers are only marked in the text, and stand here in their order. */
  readonly numbers: readonly number[];
}

interface Pending {
  readonly value: Json;
  readonly rules: Rules;
}

/** Does not call itself but for arrays without order, of which there are no more within one another than a pointer has parts. */
export function canonicalOf(root: Json, rootRules: Rules, numbers: Numbers): Canonical {
  const kept: number[] = [];
  let text = '';
  const pending: (string | Pending)[] = [{ value: root, rules: rootRules }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') {
      text += next;
      continue;
    }
    const { value, rules } = next;
    if (isIgnored(rules)) {
      text += '*';
    } else if (Array.isArray(value)) {
      if (isUnordered(rules)) addUnordered(value, rules);
      else pushElements(pending, value, rules);
    } else if (typeof value === 'number' || (typeof value === 'string' && typeOf(value, numbers) === 'number')) {
      const spelled = spell(value, numbers);
      text += numbers.tolerance === null ? spelled : '#';
      if (numbers.tolerance !== null) kept.push(Number(spelled));
    } else if (typeof value === 'object' && value !== null) {
      pushMembers(pending, value, rules);
    } else {
      text += JSON.stringify(value);
    }
  }
  return { text, numbers: kept };

  function addUnordered(elements: readonly Json[], rules: Rules): void {
    const forms = elements.map((element) => canonicalOf(element, rulesOfAny(rules), numbers)).sort(inOrder);
    text += `[${forms.map((form) => form.text).join(',')}]`;
    for (const form of forms) for (const number of form.numbers) kept.push(number);
  }
}

/** What is pushed last comes first. */
function pushElements(pending: (string | Pending)[], elements: readonly Json[], rules: Rules): void {
  pending.push(']');
  for (let index = elements.length - 1; index >= 0; index--) {
    pending.push({ value: elements[index] ?? null, rules: rulesOf(rules, index) });
    if (index > 0) pending.push(',');
  }
  pending.push('[');
}

function pushMembers(pending: (string | Pending)[], object: JsonObject, rules: Rules): void {
  const members = Object.keys(object)
    .sort()
    .flatMap((key) => {
      const here = rulesOf(rules, key);
      return isIgnored(here) ? [] : [{ key, value: object[key] ?? null, rules: here }];
    });
  pending.push('}');
  for (const { key, value, rules: here } of members.reverse()) {
    pending.push({ value, rules: here }, `${JSON.stringify(key)}:`);
  }
  pending.push('{');
}

/** By text, then by numbers. */
export function inOrder(a: Canonical, b: Canonical): number {
  if (a.text !== b.text) return a.text < b.text ? -1 : 1;
  for (let at = 0; at < a.numbers.length; at++) {
    const distance = (a.numbers[at] ?? 0) - (b.numbers[at] ?? 0);
    if (distance !== 0) return distance < 0 ? -1 : 1;
  }
  return 0;
}
