import type { Budget } from './budget.js';
import { areAlike, inOrder, type Form } from './forms.js';
import type { Numbers } from './numbers.js';

/** Which forms, by their indices, the other side has not. */
export interface Unmatched {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

export interface Pairing {
  readonly left: readonly Form[];
  readonly right: readonly Form[];
  readonly numbers: Numbers;
  /** Compares the elements with these forms whole: for those that hold arrays without order. */
  readonly areSame: (left: number, right: number) => boolean;
  readonly budget: Budget;
}

/** Elements of one shape up to which every pairing is tried, should the obvious one leave some over. */
const TRIED = 128;

/** What it costs to hold one element against another, beside its numbers: in looks at a value. */
const CLOSE = 4;

interface Element {
  readonly index: number;
  readonly form: Form;
}

interface Group {
  readonly left: Element[];
  readonly right: Element[];
}

/**
 * Pairs the elements of two arrays, whatever their order. Without a tolerance those of one shape are the same. With one,
 * elements of one number each, and up to 128 of a shape, are paired as well as can be; more of them, or when the budget
 * is spent, in the order of their numbers.
 */
export function unmatchedOf(pairing: Pairing): Unmatched {
  if (pairing.numbers.tolerance === null) {
    return { left: surplus(pairing.left, pairing.right), right: surplus(pairing.right, pairing.left) };
  }
  const over = { left: [] as number[], right: [] as number[] };
  for (const group of groupsOf(pairing)) {
    const rest = pair(group, pairing);
    // Not spread into an argument list, which has no room for very many.
    for (const { index } of rest.left) over.left.push(index);
    for (const { index } of rest.right) over.right.push(index);
  }
  return { left: over.left.sort(ascending), right: over.right.sort(ascending) };
}

/** Whether no element would be left over, of as many on either side. */
export function haveSameElements(pairing: Pairing): boolean {
  if (pairing.numbers.tolerance === null) return surplus(pairing.left, pairing.right).length === 0;
  const groups = [...groupsOf(pairing)];
  if (groups.some((group) => group.left.length !== group.right.length)) return false;
  return groups.every((group) => pair(group, pairing).left.length === 0);
}

function groupsOf({ left, right }: Pairing): Iterable<Group> {
  const groups = new Map<number, Group>();
  const groupOf = ({ shape }: Form): Group => {
    const group = groups.get(shape) ?? { left: [], right: [] };
    if (group.left.length + group.right.length === 0) groups.set(shape, group);
    return group;
  };
  for (const [index, form] of left.entries()) groupOf(form).left.push({ index, form });
  for (const [index, form] of right.entries()) groupOf(form).right.push({ index, form });
  return groups.values();
}

/** Those of which there are more than on the other side: of each shape the last ones. */
function surplus(forms: readonly Form[], others: readonly Form[]): number[] {
  const there = new Map<number, number>();
  for (const { shape } of others) there.set(shape, (there.get(shape) ?? 0) + 1);
  const over: number[] = [];
  for (const [index, { shape }] of forms.entries()) {
    const left = there.get(shape) ?? 0;
    if (left === 0) over.push(index);
    else there.set(shape, left - 1);
  }
  return over;
}

function pair({ left, right }: Group, { numbers, areSame, budget }: Pairing): Group {
  const areClose = (one: Element, other: Element): boolean => {
    budget.left -= CLOSE + one.form.numbers.length;
    return areAlike(one.form, other.form, numbers) || (!one.form.isOrdered && areSame(one.index, other.index));
  };
  const order = (one: Element, other: Element): number => inOrder(one.form, other.form, numbers);
  left.sort(order);
  right.sort(order);

  /** By position in `right`: the position in `left`. */
  const partners = new Array<number | null>(right.length).fill(null);
  const alone = new Set(left.keys());
  for (let at = 0, to = 0; at < left.length && to < right.length;) {
    const [one, other] = [left[at], right[to]];
    if (one === undefined || other === undefined) break;
    if (areClose(one, other)) {
      partners[to++] = at;
      alone.delete(at++);
    } else if (order(one, other) < 0) at++;
    else to++;
  }

  const hasOneNumber = left[0]?.form.isOrdered === true && left[0].form.numbers.length === 1;
  if (alone.size > 0 && partners.includes(null) && !hasOneNumber && Math.max(left.length, right.length) <= TRIED) {
    const known = new Map<number, boolean>();
    const fits = (at: number, to: number): boolean => {
      const before = known.get(at * TRIED + to);
      if (before !== undefined) return before;
      const [one, other] = [left[at], right[to]];
      const close = one !== undefined && other !== undefined && areClose(one, other);
      known.set(at * TRIED + to, close);
      return close;
    };
    const search = { fits, partners, budget };
    for (const at of [...alone]) if (findPartner(at, search, new Set())) alone.delete(at);
  }
  return { left: left.filter((_, at) => alone.has(at)), right: right.filter((_, to) => partners[to] === null) };
}

interface Search {
  readonly fits: (at: number, to: number) => boolean;
  readonly partners: (number | null)[];
  readonly budget: Budget;
}

/** Finds a partner for one more, moving others to other partners (Kuhn's way). */
function findPartner(at: number, search: Search, seen: Set<number>): boolean {
  const { fits, partners, budget } = search;
  for (let to = 0; to < partners.length; to++) {
    if (budget.left-- <= 0) return false;
    if (seen.has(to) || !fits(at, to)) continue;
    seen.add(to);
    const partner = partners[to] ?? null;
    if (partner !== null && !findPartner(partner, search, seen)) continue;
    partners[to] = at;
    return true;
  }
  return false;
}

function ascending(a: number, b: number): number {
  return a - b;
}
