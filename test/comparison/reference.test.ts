import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf } from '#src/domain/comparison.js';
import { differ, json, type JsonRule } from './comparing.js';

type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
/** Null: an element of an array without order, which has no index. */
type Path = readonly (string | null)[];

/** What the rules say, by going through everything again and again. Differences as `kind place`. */
function referenceOf({ ignore, unordered }: JsonRule) {
  const isAt = (pointers: readonly string[], path: Path) =>
    pointers.some((pointer) => {
      const parts = pointer.split('/').slice(1);
      return parts.length === path.length && parts.every((part, at) => part === '*' || part === path[at]);
    });
  const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
  const isObject = (value: Value): value is Readonly<Record<string, Value>> =>
    typeof value === 'object' && value !== null && !isList(value);
  const elements = (list: readonly Value[], path: Path) =>
    list.map((each, at) => canonical(each, [...path, isAt(unordered, path) ? null : String(at)]));

  function canonical(value: Value, path: Path): string {
    if (isAt(ignore, path)) return 'ignored';
    if (isList(value)) {
      const all = elements(value, path);
      return isAt(unordered, path) ? `any of ${all.sort().join()}.` : `[${all.join()}]`;
    }
    if (!isObject(value)) return JSON.stringify(value);
    const members = Object.keys(value).filter((key) => !isAt(ignore, [...path, key]));
    return `{${members
      .sort()
      .map((key) => `${key}:${canonical(value[key] ?? null, [...path, key])}`)
      .join()}}`;
  }

  /** Indices of those that the other list has not, each of which pairs off one. */
  function surplus(all: readonly string[], others: readonly string[]): number[] {
    const rest = [...others];
    return [...all.keys()].filter((at) => {
      const found = rest.indexOf(all[at] ?? '');
      if (found >= 0) rest.splice(found, 1);
      return found < 0;
    });
  }

  function differences(left: Value, right: Value, path: Path): string[] {
    const place = path.map((part) => `/${part ?? '*'}`).join('');
    if (canonical(left, path) === canonical(right, path)) return [];
    if (isList(left) && isList(right)) {
      const [ours, theirs] = [elements(left, path), elements(right, path)];
      const over = { left: surplus(ours, theirs), right: surplus(theirs, ours) };
      const length = left.length === right.length ? [] : [`length ${place}`];
      if (!isAt(unordered, path)) {
        if (length.length > 0) return length;
        const different = left.flatMap((each, at) => {
          const found = differences(each, right[at] ?? null, [...path, String(at)]);
          return found.length === 0 ? [] : [found];
        });
        return different.length > 1 && over.left.length === 0 ? [`order ${place}`] : different.flat();
      }
      if (over.left.length === 1 && over.right.length === 1) {
        const [one, other] = [left[over.left[0] ?? 0] ?? null, right[over.right[0] ?? 0] ?? null];
        return [...length, ...differences(one, other, [...path, null])];
      }
      return [...length, ...over.left.map(() => `missing ${place}/*`), ...over.right.map(() => `extra ${place}/*`)];
    }
    if (isObject(left) && isObject(right)) {
      return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) => {
        const here = [...path, key];
        if (isAt(ignore, here)) return [];
        if (!Object.hasOwn(right, key)) return [`missing ${place}/${key}`];
        if (!Object.hasOwn(left, key)) return [`extra ${place}/${key}`];
        return differences(left[key] ?? null, right[key] ?? null, here);
      });
    }
    const typeOf = (value: Value) => (value === null ? 'null' : isList(value) ? 'array' : typeof value);
    return [`${typeOf(left) === typeOf(right) ? 'value' : 'type'} ${place}`];
  }

  return (left: Value, right: Value) => differences(left, right, []);
}

/** Few different ones, of which many are the same. */
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<Value>(0, 1, 2, '1', null, true),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', '0'), tie('value'), { maxKeys: 3 }),
  ),
}));

/** The same with arrays in another order, and here and there another value. */
function changed(document: Value, choose: (n: number) => number): Value {
  if (choose(20) === 0) return choose(3);
  if (Array.isArray(document)) {
    const all = (document as readonly Value[]).map((each) => changed(each, choose));
    if (choose(2) === 0) for (let at = all.length - 1; at > 0; at--) all.push(...all.splice(choose(at + 1), 1));
    return all;
  }
  if (typeof document !== 'object' || document === null) return document;
  return Object.fromEntries(Object.entries(document).map(([key, each]) => [key, changed(each, choose)]));
}

const choices = fc.infiniteStream(fc.nat()).map((stream) => (n: number) => Number(stream.next().value) % n);
const part = fc.constantFrom('*', '*', 'a', 'b', '0', '1');
const pointer = fc.array(part, { maxLength: 4 }).map((parts) => parts.map((each) => `/${each}`).join(''));
const rule = fc.record({
  ignore: fc.array(
    pointer.filter((each) => each !== ''),
    { maxLength: 2 },
  ),
  unordered: fc.array(pointer, { maxLength: 3 }),
});

describe('Two documents', () => {
  it('differ as the rules say, whatever is ignored, without order, or there more than once', () => {
    fc.assert(
      fc.property(rule, value, choices, ({ ignore, unordered }, document, choose) => {
        const given = json({ ignore, unordered });
        const other = changed(document, choose);
        // What has no order has no places either.
        const placed = (each: string) => each.replace(/ .*/, (place) => placeOf(place));
        const found = differ(given, JSON.stringify(document), JSON.stringify(other)).map(placed);
        expect(found.sort()).toEqual(referenceOf(given)(document, other).map(placed).sort());
      }),
      { numRuns: 3_000 },
    );
  });
});
