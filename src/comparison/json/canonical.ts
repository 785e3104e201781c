import { areWithin, spell, typeOf, type Numbers, type Spelled } from './numbers.js';
import { isIgnored, isUnordered, rulesOf, rulesOfAny, type Rules } from './rules.js';
import type { Json, JsonObject } from './value.js';

/** One form for all values that are the same. */
export interface Canonical {
  readonly text: string;
  /** Where there is a tolerance, numbers are only marked in the text, and stand here in their order. */
  readonly numbers: readonly Spelled[];
  /** Whether every array within has an order: then text and numbers are all that there is to compare. */
  readonly isOrdered: boolean;
}

interface Pending {
  readonly value: Json;
  readonly rules: Rules;
}

/** Does not call itself but for arrays without order, of which there are no more within one another than a pointer has parts. */
export function canonicalOf(root: Json, rootRules: Rules, numbers: Numbers): Canonical {
  const kept: Spelled[] = [];
  let isOrdered = true;
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
      text += numbers.tolerance === null ? spell(value, numbers) : '#';
      if (numbers.tolerance !== null) kept.push(value);
    } else if (typeof value === 'object' && value !== null) {
      pushMembers(pending, value, rules);
    } else {
      text += JSON.stringify(value);
    }
  }
  return { text, numbers: kept, isOrdered };

  function addUnordered(elements: readonly Json[], rules: Rules): void {
    const forms = elements.map((element) => canonicalOf(element, rulesOfAny(rules), numbers));
    forms.sort((a, b) => inOrder(a, b, numbers));
    isOrdered = false;
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
export function inOrder(a: Canonical, b: Canonical, numbers: Numbers): number {
  if (a.text !== b.text) return a.text < b.text ? -1 : 1;
  for (let at = 0; at < a.numbers.length; at++) {
    const [one, other] = [valueOf(a.numbers[at] ?? 0, numbers), valueOf(b.numbers[at] ?? 0, numbers)];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** Whether what has the same text has the same numbers, nearly. */
export function hasCloseNumbers(a: Canonical, b: Canonical, numbers: Numbers): boolean {
  return a.numbers.every((number, at) => {
    const other = b.numbers[at] ?? 0;
    return number === other || areWithin(number, other, numbers);
  });
}

function valueOf(number: Spelled, numbers: Numbers): number {
  return typeof number === 'number' ? number : Number(spell(number, numbers));
}
