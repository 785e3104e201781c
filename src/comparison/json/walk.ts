import type { Difference, DifferenceKind } from '../../domain/comparison.js';
import { createFound, type Differences, type Found } from '../found.js';
import type { Budget } from './budget.js';
import { excerptOf } from './excerpt-of.js';
import { areAlike, createForms, type Form, type FormOf } from './forms.js';
import { haveSameElements, unmatchedOf, type Pairing } from './multiset.js';
import { areWithin, typeOf, type Numbers } from './numbers.js';
import { extend, pointerTo, type Place } from './place.js';
import { isIgnored, isUnordered, rulesOf, rulesOfAny, type Rules } from './rules.js';
import { isObject, type Json, type JsonObject } from './value.js';

/** Values within values that are gone into on the stack; what lies deeper waits for its turn. */
const DEEPEST = 200;

/** What it costs to pair the elements of two arrays, and as much more for each of them: in looks at a value. */
const PAIRING = 200;
const ELEMENT = 20;

/** What is the same all over both documents. */
interface Basis {
  readonly numbers: Numbers;
  /** For all but the first way through both documents. */
  readonly budget: Budget;
  readonly formOf: FormOf;
}

interface Walk extends Basis {
  readonly found: Found;
  /** Only whether there is a difference counts. */
  readonly anyWill: boolean;
  /** The way to the present value from `base`; the first `depth` parts of it are meant. */
  readonly path: (string | number)[];
  base: Place | null;
  readonly waiting: Waiting[];
  /** For whether two elements are the same: kept, since large arrays ask for each of theirs. */
  inner: Walk | null;
}

interface Waiting {
  readonly left: Json;
  readonly right: Json;
  readonly rules: Rules;
  readonly place: Place | null;
}

interface WalkOptions {
  readonly rules: Rules;
  readonly numbers: Numbers;
  readonly budget: Budget;
}

/**
 * Where two values differ, in about the order of the document. When the budget is spent, elements of arrays without order
 * are paired by their forms alone, which is less exact where there is a tolerance; and that an array with an order has but
 * another one is told by its elements.
 */
export function differencesBetween(left: Json, right: Json, { rules, numbers, budget }: WalkOptions): Differences {
  const walk = begin({ numbers, budget, formOf: createForms(numbers, budget) }, createFound(), false);
  run(walk, left, right, rules);
  return walk.found.all();
}

function begin({ numbers, budget, formOf }: Basis, found: Found, anyWill: boolean): Walk {
  return { numbers, budget, formOf, found, anyWill, path: [], base: null, waiting: [], inner: null };
}

/** Whether two values are the same, as a part of a longer walk. */
function areSame(walk: Walk, left: Json, right: Json, rules: Rules): boolean {
  if (left === right) return true;
  if (walk.budget.left <= 0) return areAlike(walk.formOf(left, rules), walk.formOf(right, rules), walk.numbers);
  const inner = (walk.inner ??= begin(walk, createFound(0), true));
  inner.found.backTo(0);
  inner.waiting.length = 0;
  inner.base = null;
  run(inner, left, right, rules);
  return inner.found.count() === 0;
}

function run(walk: Walk, left: Json, right: Json, rules: Rules): void {
  compare(walk, left, right, rules, 0);
  for (let next = walk.waiting.pop(); next !== undefined && !isOver(walk); next = walk.waiting.pop()) {
    walk.base = next.place;
    compare(walk, next.left, next.right, next.rules, 0);
  }
}

function isOver(walk: Walk): boolean {
  return walk.anyWill && walk.found.count() > 0;
}

function compare(walk: Walk, left: Json, right: Json, rules: Rules, depth: number): void {
  if (left === right || (rules !== null && isIgnored(rules))) return;
  if (walk.anyWill) walk.budget.left--;
  if (Array.isArray(left) && Array.isArray(right)) {
    if (depth === DEEPEST) defer(walk, left, right, rules);
    else if (rules !== null && isUnordered(rules)) compareUnordered(walk, left, right, rules, depth);
    else compareArrays(walk, left, right, rules, depth);
  } else if (isObject(left) && isObject(right)) {
    if (depth === DEEPEST) defer(walk, left, right, rules);
    else compareObjects(walk, left, right, rules, depth);
  } else {
    compareLeaves(walk, left, right, depth);
  }
}

function defer(walk: Walk, left: Json, right: Json, rules: Rules): void {
  walk.waiting.push({ left, right, rules, place: extend(walk.base, walk.path.slice(0, DEEPEST)) });
}

function compareLeaves(walk: Walk, left: Json, right: Json, depth: number): void {
  const { numbers } = walk;
  const type = typeOf(left, numbers);
  if (type !== typeOf(right, numbers)) add(walk, 'type', left, right, depth);
  else if (type !== 'number' || !areWithin(left, right, numbers)) add(walk, 'value', left, right, depth);
}

function compareObjects(walk: Walk, left: JsonObject, right: JsonObject, rules: Rules, depth: number): void {
  let shared = 0;
  for (const key of Object.keys(left)) {
    const [one, other] = [left[key], right[key]];
    if (one === undefined) continue;
    // What is the same is no inherited member either: those are no values of a document.
    if (one === other) {
      shared++;
      continue;
    }
    const below = rulesOf(rules, key);
    walk.path[depth] = key;
    if (other !== undefined && Object.hasOwn(right, key)) {
      shared++;
      compare(walk, one, other, below, depth + 1);
    } else if (!isIgnored(below)) {
      add(walk, 'missing', one, undefined, depth + 1);
    }
    if (isOver(walk)) return;
  }
  const keys = Object.keys(right);
  if (keys.length === shared) return;
  for (const key of keys) {
    if (Object.hasOwn(left, key) || isIgnored(rulesOf(rules, key))) continue;
    walk.path[depth] = key;
    add(walk, 'extra', undefined, right[key], depth + 1);
  }
}

function compareArrays(walk: Walk, left: Json[], right: Json[], rules: Rules, depth: number): void {
  if (left.length !== right.length) {
    add(walk, 'length', left, right, depth);
    return;
  }
  const before = walk.found.count();
  const different: number[] = [];
  for (let index = 0; index < left.length; index++) {
    const [one, other] = [left[index], right[index]];
    if (one === undefined || other === undefined || one === other) continue;
    const here = walk.found.count();
    walk.path[depth] = index;
    compare(walk, one, other, rulesOf(rules, index), depth + 1);
    if (isOver(walk)) return;
    if (walk.found.count() > here) different.push(index);
  }
  if (different.length < 2 || walk.budget.left <= 0) return;
  const rulesAt = (index: number): Rules => rulesOf(rules, index);
  // Where all values differ, which happens more often, the first one is found nowhere.
  const first = different[0] ?? 0;
  const one = left[first] ?? null;
  if (!different.some((index) => areSame(walk, one, right[index] ?? null, rulesAt(first)))) return;
  if (!haveSameElements(pairingIn(walk, { left, right }, { left: different, right: different }, rulesAt))) return;
  walk.found.backTo(before);
  add(walk, 'order', left, right, depth);
}

function compareUnordered(walk: Walk, left: Json[], right: Json[], rules: Rules, depth: number): void {
  const below = rulesOfAny(rules);
  // Most arrays have most elements in the same places.
  const moved = { left: [] as number[], right: [] as number[] };
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, other] = [left[index], right[index]];
    if (one !== undefined && other !== undefined && areSame(walk, one, other, below)) continue;
    if (one !== undefined) moved.left.push(index);
    if (other !== undefined) moved.right.push(index);
  }
  if (moved.left.length === 0 && moved.right.length === 0) return;
  if (left.length !== right.length) {
    add(walk, 'length', left, right, depth);
    if (isOver(walk)) return;
  }
  // What is close to its like in the same place could be needed elsewhere.
  const places = walk.numbers.tolerance === null ? moved : { left: [...left.keys()], right: [...right.keys()] };
  const unmatched = unmatchedOf(pairingIn(walk, { left, right }, places, () => below));
  const over = {
    left: unmatched.left.map((at) => places.left[at] ?? 0),
    right: unmatched.right.map((at) => places.right[at] ?? 0),
  };
  const [one, other] = [over.left[0], over.right[0]];
  if (one !== undefined && other !== undefined && over.left.length === 1 && over.right.length === 1) {
    if (walk.anyWill) {
      // Where they differ nobody asks, and to look would take twice as long with each array without order around them.
      add(walk, 'value', one, other, depth);
      return;
    }
    // The only one that is left over, on either side: the same element, changed.
    walk.path[depth] = one;
    compare(walk, left[one] ?? null, right[other] ?? null, below, depth + 1);
    return;
  }
  for (const index of over.left) {
    walk.path[depth] = index;
    add(walk, 'missing', left[index], undefined, depth + 1);
  }
  for (const index of over.right) {
    walk.path[depth] = index;
    add(walk, 'extra', undefined, right[index], depth + 1);
  }
}

interface Places {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

interface Arrays {
  readonly left: readonly Json[];
  readonly right: readonly Json[];
}

/** How the elements in these places are paired. */
function pairingIn(walk: Walk, { left, right }: Arrays, places: Places, rulesAt: (index: number) => Rules): Pairing {
  walk.budget.left -= PAIRING + ELEMENT * (places.left.length + places.right.length);
  const formsOf = (elements: readonly Json[], indices: readonly number[]): Form[] =>
    indices.map((index) => walk.formOf(elements[index] ?? null, rulesAt(index)));
  return {
    left: formsOf(left, places.left),
    right: formsOf(right, places.right),
    numbers: walk.numbers,
    areSame(one, other) {
      const index = places.left[one] ?? 0;
      return areSame(walk, left[index] ?? null, right[places.right[other] ?? 0] ?? null, rulesAt(index));
    },
    budget: walk.budget,
  };
}

function add(walk: Walk, kind: DifferenceKind, legacy: Json | undefined, wasm: Json | undefined, depth: number): void {
  const show = (value: Json | undefined): string | null =>
    value === undefined ? null : excerptOf(value, walk.numbers);
  walk.found.add(
    () =>
      ({
        pointer: pointerTo(extend(walk.base, walk.path.slice(0, depth))),
        kind,
        legacy: show(legacy),
        wasm: show(wasm),
      }) satisfies Difference,
  );
}
