import { type LeastSizes, leastSizes, shapesIn } from './least-size.js';
import { isOfType, SchemaProblem } from './schema-keywords.js';
import type { Shape, TypeName } from './shape.js';

/** Values of the largest document that is made where a schema asks for no less. */
const MOST_VALUES = 100_000;

export const NOTHING_BUT_ITSELF = 'it refers to nothing but itself';

/** Throws {@link SchemaProblem} where documents cannot be made by what was read, or not well. */
export function refuseEndless(root: Shape): void {
  for (const shape of shapesIn(root)) {
    if (shape.kind === 'reference') refuseEmptyCircle(shape);
    if (shape.kind === 'union' && shape.types !== null) {
      const { types } = shape;
      for (const branch of shape.of) refuseOtherTypes(branch, types);
    }
  }
  const sizes = leastSizes(root);
  const size = sizes.get(root) ?? Infinity;
  if (size <= MOST_VALUES) return;
  throw new SchemaProblem(
    placeOfTooMuch(root, sizes),
    size === Infinity
      ? 'no document meets it: what must be there needs itself in turn, without end'
      : `the smallest document that meets it has more than ${MOST_VALUES.toLocaleString('en-GB')} values`,
  );
}

/** A reference that leads back to itself, with neither an object nor a list between. */
function refuseEmptyCircle(start: Extract<Shape, { kind: 'reference' }>): void {
  const seen = new Set<Shape>();
  const waiting = [start.target()];
  for (let shape = waiting.pop(); shape !== undefined; shape = waiting.pop()) {
    if (shape === start) throw new SchemaProblem(start.at, NOTHING_BUT_ITSELF);
    if (seen.has(shape)) continue;
    seen.add(shape);
    if (shape.kind === 'reference') waiting.push(shape.target());
    if (shape.kind === 'union') waiting.push(...shape.of);
  }
}

/** Branches are taken as they are: what stands beside them holds by itself, or is not supported. */
function refuseOtherTypes(branch: Shape, types: readonly TypeName[]): void {
  if (isOfTypes(branch, types)) return;
  throw new SchemaProblem(branch.at, `it may be other than ${types.join(' or ')}, which the type beside it asks for`);
}

function isOfTypes(shape: Shape, types: readonly TypeName[]): boolean {
  const has = (type: TypeName): boolean => types.includes(type);
  switch (shape.kind) {
    case 'any':
      return false;
    case 'values':
      return shape.values.every((value) => types.some((type) => isOfType(value, type)));
    case 'multiples':
      return has('number') || (shape.unit.power >= 0 && has('integer'));
    case 'text':
      return has('string');
    case 'list':
      return has('array');
    case 'union':
      return shape.of.every((each) => isOfTypes(each, types));
    case 'reference':
      return isOfTypes(shape.target(), types);
    default:
      return has(shape.kind);
  }
}

/** Goes down what must be there, as long as that is too much already. */
function placeOfTooMuch(root: Shape, sizes: LeastSizes): string {
  const seen = new Set<Shape>();
  const isTooMuch = (shape: Shape): boolean => (sizes.get(shape) ?? Infinity) > MOST_VALUES;
  for (let shape = root; ;) {
    const next = needsOf(shape, sizes).find(isTooMuch);
    if (next === undefined || seen.has(next)) return shape.at;
    seen.add(next);
    shape = next;
  }
}

function needsOf(shape: Shape, sizes: LeastSizes): readonly Shape[] {
  switch (shape.kind) {
    case 'list':
      return shape.min > 0 ? [shape.items] : [];
    case 'object': {
      const optional = [...shape.members].filter(([name]) => !shape.required.has(name)).map(([, member]) => member);
      const required = [...shape.members].filter(([name]) => shape.required.has(name)).map(([, member]) => member);
      const isMore = shape.min > shape.required.size;
      return isMore ? [...required, ...optional, ...(shape.others === null ? [] : [shape.others])] : required;
    }
    case 'union':
      return sizes.get(shape) === undefined ? [] : shape.of;
    case 'reference':
      return [shape.target()];
    default:
      return [];
  }
}
