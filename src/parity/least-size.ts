import { valuesIn } from './json.js';
import type { ObjectShape, Shape } from './shape.js';

/** How many values the smallest document of each shape has, texts by their length; Infinity: none ever ends. */
export type LeastSizes = ReadonlyMap<Shape, number>;

/** Sizes beyond this are alike: finite, and far too large. */
const HUGE = 1e15;
/** So many characters count as a value. */
const CHARACTERS = 16;

export function leastSizes(root: Shape): LeastSizes {
  const sizes = new Map<Shape, number>();
  // What is below comes first, mostly: then one round is nearly enough.
  const all = shapesIn(root).reverse();
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const shape of all) {
      const size = sizeOf(shape, sizes);
      if (size === (sizes.get(shape) ?? Infinity)) continue;
      sizes.set(shape, size === Infinity ? size : Math.min(HUGE, size));
      isChanged = true;
    }
  }
  return sizes;
}

export function shapesIn(root: Shape): Shape[] {
  const found = new Set([root]);
  // A set goes on to what is added to it meanwhile.
  for (const shape of found) for (const part of partsOf(shape)) found.add(part);
  return [...found];
}

function partsOf(shape: Shape): readonly Shape[] {
  switch (shape.kind) {
    case 'list':
      return [shape.items];
    case 'object':
      return [...shape.members.values(), ...(shape.others === null ? [] : [shape.others])];
    case 'union':
      return shape.of;
    case 'reference':
      return [shape.target()];
    default:
      return [];
  }
}

function sizeOf(shape: Shape, sizes: LeastSizes): number {
  const of = (part: Shape): number => sizes.get(part) ?? Infinity;
  switch (shape.kind) {
    case 'values':
      return Math.min(...shape.values.map((value) => valuesIn(value).length));
    case 'text':
      return 1 + Math.floor(shape.min / CHARACTERS);
    case 'list':
      return shape.min === 0 ? 1 : 1 + shape.min * of(shape.items);
    case 'object':
      return sizeOfObject(shape, sizes);
    case 'union':
      return Math.min(...shape.of.map(of));
    case 'reference':
      return of(shape.target());
    default:
      return 1;
  }
}

function sizeOfObject(shape: ObjectShape, sizes: LeastSizes): number {
  let size = 1;
  for (const name of shape.required) size += sizes.get(shape.members.get(name) ?? (shape as never)) ?? Infinity;
  let missing = shape.min - shape.required.size;
  if (missing <= 0) return size;
  const other = shape.others === null ? Infinity : (sizes.get(shape.others) ?? Infinity);
  for (const { least } of optionalMembers(shape, sizes)) {
    if (missing === 0 || least > other) break;
    size += least;
    missing -= 1;
  }
  return missing === 0 ? size : size + missing * other;
}

/** Members that need not be there, the smallest first. */
export function optionalMembers({ members, required }: ObjectShape, sizes: LeastSizes) {
  return [...members]
    .filter(([name]) => !required.has(name))
    .map(([name, shape]) => ({ name, shape, least: sizes.get(shape) ?? Infinity }))
    .sort((one, other) => one.least - other.least);
}
