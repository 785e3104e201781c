import fc, { type Arbitrary, type Random } from 'fast-check';
import { conforms } from './conforms.js';
import type { Json } from './json.js';
import { meaningOf } from './json-text.js';
import { leastSizes, optionalMembers } from './least-size.js';
import { multiples, numbers } from './number-values.js';
import { SchemaProblem } from './schema-keywords.js';
import type { ListShape, ObjectShape, Shape, UnionShape } from './shape.js';
import { texts } from './text-values.js';

/** Values that a document has at most, one of these, where its schema asks for no more; each part of it gets a share. */
const ROOMS = [16, 64, 500, 500];
/** Parts within one another: whatever goes through a document calls itself. */
const DEEPEST = 2_000;
/** Items of a list, and further members of an object, beyond those that must be there. */
const MOST_ITEMS = 8;
/** Values that are made, at most, for one that is of its shape. */
const MOST_TRIES = 200;
/** Parts that are made, at most, for one document: where each is tried again and again, that multiplies. */
const MOST_PARTS = 50_000;
/** fast-check's: one value in so many is at an edge of its own choosing. */
const BIAS = 4;

type Placed<S> = S & Pick<Shape, 'at'>;

/** Makes documents of a shape that {@link readSchema} has read. What is made throws {@link SchemaProblem} where that is too hard. */
export function documentsOf(root: Shape): (random: Random) => Json {
  const sizes = leastSizes(root);
  const leaves = new Map<Shape, Arbitrary<Json>>();
  const small = fc.oneof(numbers({ kind: 'number', min: null, max: null }), fc.string(), fc.boolean());
  const any = fc.oneof(small, fc.jsonValue({ maxDepth: 2 }) as Arbitrary<Json>);
  let parts = 0;
  let depth = 0;

  const leastOf = (shape: Shape): number => sizes.get(shape) ?? Infinity;

  return (random) => {
    parts = 0;
    depth = 0;
    return made(root, Math.max(pick(ROOMS, random), leastOf(root)), random);
  };

  /** A value with so many values in it at most, which is no less than there must be. */
  function made(shape: Shape, room: number, random: Random): Json {
    parts += 1;
    if (parts > MOST_PARTS) throw tooHard(shape, 'documents');
    depth += 1;
    if (depth > DEEPEST) throw new SchemaProblem(shape.at, 'documents that meet it are nested too deeply');
    const value = valueOf(shape, room, random);
    depth -= 1;
    return value;
  }

  function valueOf(shape: Shape, room: number, random: Random): Json {
    switch (shape.kind) {
      case 'any':
        return (room > MOST_ITEMS ? any : small).generate(random, BIAS).value;
      case 'values':
        return pick(shape.values, random);
      case 'boolean':
        return random.nextInt(0, 1) === 1;
      case 'null':
        return null;
      case 'number':
        return leaf(shape, () => numbers(shape), random);
      case 'multiples':
        return leaf(shape, () => multiples(shape), random);
      case 'text':
        return leaf(shape, () => texts(shape), random);
      case 'list':
        return list(shape, room, random);
      case 'object':
        return object(shape, room, random);
      case 'union':
        return union(shape, room, random);
      case 'reference':
        return made(shape.target(), room, random);
      default:
        return shape satisfies never;
    }
  }

  function leaf(shape: Shape, valuesOf: () => Arbitrary<Json>, random: Random): Json {
    let values = leaves.get(shape);
    if (values === undefined) leaves.set(shape, (values = valuesOf()));
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { value } = values.generate(random, BIAS);
      if (conforms(shape, value)) return value;
    }
    throw tooHard(shape, shape.kind === 'text' ? 'texts' : 'numbers');
  }

  function list(shape: Placed<ListShape>, room: number, random: Random): Json {
    const { items, min, max, unique } = shape;
    const fitting = leastOf(items) === Infinity ? 0 : Math.floor((room - 1) / leastOf(items));
    const most = Math.max(min, Math.min(max ?? Infinity, fitting));
    const few = Math.min(most, min + MOST_ITEMS);
    const length = max === most && random.nextInt(0, 31) === 0 ? most : random.nextInt(min, few);
    const each = Math.floor((room - 1) / Math.max(1, length));
    const found = new Map<string, Json>();
    for (let tries = 0; found.size < length; tries++) {
      if (tries === length + MOST_TRIES) {
        if (found.size >= min) break;
        throw tooHard(shape, 'lists');
      }
      const item = made(items, each, random);
      found.set(unique ? meaningOf(item) : String(tries), item);
    }
    return [...found.values()];
  }

  function object(shape: Placed<ObjectShape>, room: number, random: Random): Json {
    const { members, required, others, min, makesOthers } = shape;
    const max = shape.max ?? Infinity;
    const chosen = new Map([...required].map((name) => [name, members.get(name) ?? shape] as const));
    let left = room - 1 - sum([...chosen.values()].map(leastOf));
    const add = (name: string, member: Shape): void => {
      chosen.set(name, member);
      left -= leastOf(member);
    };

    const optional = optionalMembers(shape, sizes);
    const other = others === null ? Infinity : leastOf(others);
    // First what there must be: the smallest.
    while (chosen.size < min) {
      const next = optional.find(({ name }) => !chosen.has(name));
      if (next !== undefined && next.least <= other) add(next.name, next.shape);
      else if (others !== null) add(newName(chosen, members, random), others);
      else throw tooHard(shape, 'objects');
    }
    for (const { name, shape: member, least } of optional)
      if (!chosen.has(name) && least <= left && chosen.size < max && random.nextInt(0, 4) > 0) add(name, member);
    if (makesOthers && others !== null)
      for (let further = random.nextInt(0, MOST_ITEMS); further > 0; further--)
        if (other <= left && chosen.size < max) add(newName(chosen, members, random), others);

    const share = chosen.size === 0 ? 0 : Math.max(0, Math.floor(left / chosen.size));
    // As the schema lists them, and further ones behind.
    const names = [...[...members.keys()].filter((name) => chosen.has(name)), ...chosen.keys()];
    return Object.fromEntries(
      [...new Set(names)].map((name) => {
        const member = chosen.get(name) ?? shape;
        return [name, made(member, leastOf(member) + share, random)];
      }),
    );
  }

  function union(shape: Placed<UnionShape>, room: number, random: Random): Json {
    const fitting = shape.of.filter((branch) => leastOf(branch) <= room);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const value = made(pick(fitting, random), room, random);
      if (!shape.isExactlyOne || conforms(shape, value)) return value;
    }
    throw tooHard(shape, 'documents');
  }
}

function newName(chosen: ReadonlyMap<string, Shape>, members: ReadonlyMap<string, Shape>, random: Random): string {
  for (let longest = 8; ; longest++) {
    const name = NAMES(longest).generate(random, BIAS).value;
    if (!chosen.has(name) && !members.has(name)) return name;
  }
}

const NAMES = (maxLength: number): Arbitrary<string> => fc.string({ maxLength });

function tooHard({ at }: Pick<Shape, 'at'>, what: string): SchemaProblem {
  return new SchemaProblem(at, `of ${MOST_TRIES} ${what} that were made none met it`);
}

function pick<T>(from: readonly T[], random: Random): T {
  const picked = from[random.nextInt(0, from.length - 1)];
  if (picked === undefined) throw new RangeError('there is nothing to pick from');
  return picked;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
