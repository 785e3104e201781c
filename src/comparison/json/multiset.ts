import { hasCloseNumbers, inOrder, type Canonical } from './canonical.js';
import type { Numbers } from './numbers.js';

/** Indices of the elements that the other side has not. */
export interface Unmatched {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

export interface Pairing {
  readonly numbers: Numbers;
  /** Compares the elements with these indices whole: for those that hold arrays without order. */
  readonly areSame: (left: number, right: number) => boolean;
  /** What may still be spent on trying. */
  readonly effort: { left: number };
}

/** Elements of one form up to which every pairing is tried, should the obvious one leave some over. */
const TRIED = 128;

interface Element {
  readonly index: number;
  readonly form: Canonical;
}

interface Group {
  readonly left: Element[];
  readonly right: Element[];
}

/**
 * Pairs the elements of two arrays, whatever their order. Without a tolerance those of one form are the same. With one,
 * elements of one number each, and up to 128 of a form, are paired as well as can be; more of them, or when the effort
 * is spent, in the order of their numbers.
 */
export function unmatchedOf(left: readonly Canonical[], right: readonly Canonical[], pairing: Pairing): Unmatched {
  const groups = new Map<string, Group>();
  const groupOf = ({ text }: Canonical): Group => {
    const group = groups.get(text) ?? { left: [], right: [] };
    if (group.left.length + group.right.length === 0) groups.set(text, group);
    return group;
  };
  for (const [index, form] of left.entries()) groupOf(form).left.push({ index, form });
  for (const [index, form] of right.entries()) groupOf(form).right.push({ index, form });

  const over = { left: [] as number[], right: [] as number[] };
  for (const group of groups.values()) {
    const rest = pairing.numbers.tolerance === null ? surplus(group) : pair(group, pairing);
    // Not spread into an argument list, which has no room for very many.
    for (const { index } of rest.left) over.left.push(index);
    for (const { index } of rest.right) over.right.push(index);
  }
  return { left: over.left.sort(ascending), right: over.right.sort(ascending) };
}

function surplus({ left, right }: Group): Group {
  return { left: left.slice(right.length), right: right.slice(left.length) };
}

function pair({ left, right }: Group, { numbers, areSame, effort }: Pairing): Group {
  const areClose = (one: Element, other: Element): boolean =>
    one.form.isOrdered ? hasCloseNumbers(one.form, other.form, numbers) : areSame(one.index, other.index);
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
      if (effort.left-- <= 0) return false;
      const [one, other] = [left[at], right[to]];
      if (one === undefined || other === undefined) return false;
      const before = known.get(at * TRIED + to);
      if (before !== undefined) return before;
      effort.left -= one.form.isOrdered ? one.form.numbers.length : one.form.text.length;
      const close = areClose(one, other);
      known.set(at * TRIED + to, close);
      return close;
    };
    for (const at of [...alone]) if (findPartner(at, fits, partners, new Set())) alone.delete(at);
  }
  return { left: left.filter((_, at) => alone.has(at)), right: right.filter((_, to) => partners[to] === null) };
}

/** Finds a partner for one more, moving others to other partners (Kuhn's way). */
function findPartner(
  at: number,
  fits: (at: number, to: number) => boolean,
  partners: (number | null)[],
  seen: Set<number>,
): boolean {
  for (let to = 0; to < partners.length; to++) {
    if (seen.has(to) || !fits(at, to)) continue;
    seen.add(to);
    const partner = partners[to] ?? null;
    if (partner !== null && !findPartner(partner, fits, partners, seen)) continue;
    partners[to] = at;
    return true;
  }
  return false;
}

function ascending(a: number, b: number): number {
  return a - b;
}
