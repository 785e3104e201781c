import type { Budget } from './budget.js';
import { areWithin, orderOfNumbers, spell, typeOf, type Numbers, type Spelled } from './numbers.js';
import { areSameRules, isIgnored, isUnordered, rulesOf, rulesOfAny, type Rules } from './rules.js';
import type { Json, JsonObject } from './value.js';

/** What all values have in common that are the same. */
export interface Form {
  /** Without a tolerance, values are the same if and only if their shapes are. */
  readonly shape: number;
  /** Where there is a tolerance the shape has but places for numbers, and these stand there, in their order. */
  readonly numbers: readonly Spelled[];
  /** Whether every array within has an order: then shape and numbers are all that there is to compare. */
  readonly isOrdered: boolean;
}

export type FormOf = (value: Json, rules: Rules) => Form;

interface Known {
  readonly rules: Rules;
  readonly form: Form;
}

/** An array with an order, or an object, that is being gone through. */
interface Open {
  readonly value: Json[] | JsonObject;
  readonly rules: Rules;
  /** Of an object: those that count, sorted. */
  readonly keys: readonly string[] | null;
  next: number;
  key: string;
}

const NONE: readonly Spelled[] = [];

/**
 * Gives values their forms. What was asked for once, and each element of an array without order, is not gone through again,
 * for itself or as a part of something else.
 */
export function createForms(numbers: Numbers, budget: Budget): FormOf {
  /** By kind and content. Not by numbers or digits alone, whose hashes anybody could make collide. */
  const shapes = new Map<string, number>();
  const known = new Map<object, Known>();
  /** By shape: there are many of them that are the same. */
  const leaves: (Form | undefined)[] = [];
  const isExact = numbers.tolerance === null;

  return formOf;

  /** Does not call itself but for arrays without order, of which there are no more within one another than a pointer has parts. */
  function formOf(root: Json, rootRules: Rules): Form {
    if (isExact && (typeof root !== 'object' || root === null) && !isIgnored(rootRules)) {
      const shape = shapeOf(exactKey(root));
      return (leaves[shape] ??= { shape, numbers: NONE, isOrdered: true });
    }
    const kept: Spelled[] = [];
    const open: Open[] = [];
    let isOrdered = true;

    let shape = enter(root, rootRules);
    for (let inside = open.at(-1); inside !== undefined; inside = open.at(-1)) {
      if (shape !== null) inside.key += `${shape},`;
      shape = enterNext(inside);
      if (shape !== null || inside !== open.at(-1)) continue;
      open.pop();
      shape = shapeOf(inside.key);
    }
    const form = { shape: shape ?? 0, numbers: kept.length === 0 ? NONE : kept, isOrdered };
    if (typeof root === 'object' && root !== null) known.set(root, { rules: rootRules, form });
    return form;

    /** The shape; null: what is within comes first. */
    function enter(value: Json, rules: Rules): number | null {
      budget.left--;
      if (isIgnored(rules)) return shapeOf('*');
      if (typeof value !== 'object' || value === null) return leaf(value);
      const before = known.get(value);
      if (before !== undefined && areSameRules(before.rules, rules)) return add(before.form);
      if (!Array.isArray(value)) {
        const keys = Object.keys(value).filter((key) => rules === null || !isIgnored(rulesOf(rules, key)));
        open.push({ value, rules, keys: keys.sort(), next: 0, key: '{' });
        return null;
      }
      if (isUnordered(rules)) return unordered(value, rules);
      open.push({ value, rules, keys: null, next: 0, key: '[' });
      return null;
    }

    /** Null as well where there is no further one. */
    function enterNext(inside: Open): number | null {
      const { value, rules, keys } = inside;
      if (keys === null) {
        const element = (value as Json[])[inside.next];
        return element === undefined ? null : enter(element, rulesOf(rules, inside.next++));
      }
      const key = keys[inside.next++];
      if (key === undefined) return null;
      inside.key += `${key.length}:${key}`;
      return enter((value as JsonObject)[key] ?? null, rulesOf(rules, key));
    }

    function leaf(value: string | number | boolean | null): number {
      if (isExact || !isNumber(value)) return shapeOf(exactKey(value));
      kept.push(value);
      return shapeOf('#');
    }

    function unordered(elements: readonly Json[], rules: Rules): number {
      const below = rulesOfAny(rules);
      const forms = elements.map((element) => formOf(element, below)).sort((a, b) => inOrder(a, b, numbers));
      for (const form of forms) add(form);
      isOrdered = false;
      return shapeOf(`<${forms.map((form) => form.shape).join(',')}`);
    }

    function add(form: Form): number {
      budget.left -= form.numbers.length;
      for (const number of form.numbers) kept.push(number);
      isOrdered &&= form.isOrdered;
      return form.shape;
    }
  }

  function isNumber(value: Json): value is Spelled {
    return typeof value === 'number' || (typeof value === 'string' && typeOf(value, numbers) === 'number');
  }

  function exactKey(value: string | number | boolean | null): string {
    if (isNumber(value)) return `#${spell(value, numbers)}`;
    return JSON.stringify(value);
  }

  function shapeOf(key: string): number {
    const before = shapes.get(key);
    if (before !== undefined) return before;
    shapes.set(key, shapes.size);
    return shapes.size - 1;
  }
}

/** By shape, then by numbers. */
export function inOrder(a: Form, b: Form, numbers: Numbers): number {
  if (a.shape !== b.shape) return a.shape - b.shape;
  for (let at = 0; at < a.numbers.length; at++) {
    const order = orderOfNumbers(a.numbers[at] ?? 0, b.numbers[at] ?? 0, numbers);
    if (order !== 0) return order;
  }
  return 0;
}

/** Whether values of these forms are the same, arrays without order taken in that of their elements' forms. */
export function areAlike(a: Form, b: Form, numbers: Numbers): boolean {
  return (
    a.shape === b.shape &&
    a.numbers.every((number, at) => {
      const other = b.numbers[at] ?? 0;
      return number === other || areWithin(number, other, numbers);
    })
  );
}
