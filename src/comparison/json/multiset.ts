import { inOrder, type Canonical } from './canonical.js';

/** An element: where it stands, and its form. */
interface Element extends Canonical {
  readonly index: number;
}

/** Indices of the elements that the other side has not. */
export interface Unmatched {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/** Elements of one form up to which every pairing is tried, should the obvious one leave some over. */
const TRIED = 128;

/**
 * Pairs the elements of two arrays, whatever their order. Without `isSame` those of one form are the same. With it (there
 * is a tolerance) it decides on elements whose forms have the same text; elements of one number each, and up to 128 of
 * a form, are then paired as well as can be; more of them, or after so many tries as there are in `tries`, in the order of their numbers.
 */
export function unmatchedOf(
  left: readonly Canonical[],
  right: readonly Canonical[],
  isSame: ((left: number, right: number) => boolean) | null,
  tries: { left: number },
): Unmatched {
  const groups = new Map<string, { left: Element[]; right: Element[] }>();
  const sort = (side: 'left' | 'right', forms: readonly Canonical[]): void => {
    for (const [index, { text, numbers }] of forms.entries()) {
      const group = groups.get(text) ?? { left: [], right: [] };
      if (group.left.length + group.right.length === 0) groups.set(text, group);
      group[side].push({ index, text, numbers });
    }
  };
  sort('left', left);
  sort('right', right);

  const over = { left: [] as number[], right: [] as number[] };
  for (const group of groups.values()) {
    const rest = isSame === null ? surplus(group.left, group.right) : paired(group.left, group.right, isSame, tries);
    // Not spread into an argument list, which has no room for very many.
    for (const { index } of rest.left) over.left.push(index);
    for (const { index } of rest.right) over.right.push(index);
  }
  return { left: over.left.sort(ascending), right: over.right.sort(ascending) };
}

interface Rest {
  readonly left: readonly Element[];
  readonly right: readonly Element[];
}

function surplus(left: readonly Element[], right: readonly Element[]): Rest {
  return { left: left.slice(right.length), right: right.slice(left.length) };
}

function paired(
  left: Element[],
  right: Element[],
  isSame: (left: number, right: number) => boolean,
  tries: { left: number },
): Rest {
  left.sort(inOrder);
  right.sort(inOrder);
  /** By position in `right`: the position in `left`. */
  const partners = new Array<number | null>(right.length).fill(null);
  const alone = new Set(left.keys());
  const pair = (at: number, to: number): void => {
    partners[to] = at;
    alone.delete(at);
  };

  // In the order of their numbers. What is not close to its like is smaller or larger than all that come.
  for (let at = 0, to = 0; at < left.length && to < right.length;) {
    const [one, other] = [left[at], right[to]];
    if (one === undefined || other === undefined) break;
    if (isSame(one.index, other.index)) pair(at++, to++);
    else if (inOrder(one, other) < 0) at++;
    else to++;
  }
  const sorted = (left[0] ?? right[0])?.numbers.length ?? 0;
  const worthTrying = alone.size > 0 && partners.includes(null) && sorted > 1;
  if (worthTrying && left.length <= TRIED && right.length <= TRIED) {
    const known = new Map<number, boolean>();
    const fits = (at: number, to: number): boolean => {
      if (tries.left <= 0) return false;
      tries.left--;
      const key = at * TRIED + to;
      const before = known.get(key);
      if (before !== undefined) return before;
      const [one, other] = [left[at], right[to]];
      const same = one !== undefined && other !== undefined && isSame(one.index, other.index);
      known.set(key, same);
      return same;
    };
    for (const at of [...alone]) if (augment(at, fits, partners, new Set())) alone.delete(at);
  }
  return { left: left.filter((_, at) => alone.has(at)), right: right.filter((_, to) => partners[to] === null) };
}

/** Finds a partner for one more, moving others to other partners (Kuhn's way). */
function augment(
  at: number,
  fits: (at: number, to: number) => boolean,
  partners: (number | null)[],
  seen: Set<number>,
): boolean {
  for (let to = 0; to < partners.length; to++) {
    if (seen.has(to) || !fits(at, to)) continue;
    seen.add(to);
    const partner = partners[to] ?? null;
    if (partner !== null && !augment(partner, fits, partners, seen)) continue;
    partners[to] = at;
    return true;
  }
  return false;
}

function ascending(a: number, b: number): number {
  return a - b;
}
