import { NOTHING_BUT_ITSELF, refuseEndless } from './endless.js';
import { isList, isObject, type Json, type JsonObject } from './json.js';
import {
  escaped,
  flagAt,
  formatAt,
  patternAt,
  refuseBeside,
  SchemaProblem,
  sizesAt,
  SUPPORTED,
  typesOf,
  valuesOf,
} from './schema-keywords.js';
import { numberOf } from './schema-numbers.js';
import type { ObjectShape, Shape, TypeName } from './shape.js';

/**
 * Reads a JSON Schema, as far as documents can be made by it. Throws {@link SchemaProblem} for what is not supported,
 * and where no document can meet it since it would never end.
 */
export function readSchema(root: Json): Shape {
  const targets = new Map<string, Shape>();
  const referredTo: { readonly name: string; readonly schema: Json }[] = [];
  const shape = read(root, '');
  // One after the other: a chain of references may be long.
  for (const { name, schema } of referredTo) targets.set(name, read(schema, name));
  // The last ones first: what they mean is known then to those that lead to them.
  for (const { name } of referredTo.toReversed()) targets.set(name, behind(name));
  refuseEndless(shape);
  return shape;

  /** What a name means where that is but another reference, and so on. */
  function behind(name: string): Shape {
    const passed = new Set<Shape>();
    let shape = targetOf(name);
    for (; shape.kind === 'reference'; shape = shape.target()) {
      if (passed.has(shape)) throw new SchemaProblem(shape.at, NOTHING_BUT_ITSELF);
      passed.add(shape);
    }
    return shape;
  }

  /** Until it is read it may be anything: it may refer to itself. */
  function targetOf(name: string): Shape {
    return targets.get(name) ?? { kind: 'any', at: name };
  }

  function read(schema: Json, at: string): Shape {
    if (schema === true) return { kind: 'any', at };
    if (!isObject(schema)) throw new SchemaProblem(at, 'expected a schema: an object, or true');
    const strange = Object.keys(schema).find((keyword) => !SUPPORTED.has(keyword));
    if (strange !== undefined)
      throw new SchemaProblem(`${at}/${escaped(strange)}`, `the keyword ${strange} is not supported`);
    if (at !== '' && typeof schema['$id'] === 'string' && !schema['$id'].startsWith('#'))
      throw new SchemaProblem(`${at}/$id`, 'a schema of its own within another one is not supported');
    if (schema['$ref'] !== undefined) return reference(schema, at);
    const values = valuesOf(schema, at);
    if (values !== null) return { kind: 'values', values, at };
    if (schema['oneOf'] !== undefined) return union(schema, 'oneOf', at);
    if (schema['anyOf'] !== undefined) return union(schema, 'anyOf', at);
    return typed(schema, at);
  }

  function reference(schema: JsonObject, at: string): Shape {
    refuseBeside(schema, ['$ref'], at);
    const here = `${at}/$ref`;
    const name = pointerOf(schema['$ref'] ?? null, here);
    if (!targets.has(name)) {
      targets.set(name, targetOf(name));
      referredTo.push({ name, schema: resolve(root, name, here) });
    }
    return { kind: 'reference', target: () => targetOf(name), at: here };
  }

  function union(schema: JsonObject, keyword: 'oneOf' | 'anyOf', at: string): Shape {
    refuseBeside(schema, [keyword, 'type'], at);
    const branches = schema[keyword] ?? null;
    const [first, ...others] = isList(branches)
      ? branches.map((branch, index) => read(branch, `${at}/${keyword}/${index}`))
      : [];
    if (first === undefined) throw new SchemaProblem(`${at}/${keyword}`, 'expected a list of schemas');
    const types = schema['type'] === undefined ? null : typesOf(schema, at);
    return { kind: 'union', of: [first, ...others], isExactlyOne: keyword === 'oneOf', types, at };
  }

  function typed(schema: JsonObject, at: string): Shape {
    const [first, ...others] = typesOf(schema, at).map((type) => ofType(type, schema, at));
    if (first === undefined) return { kind: 'any', at };
    if (others.length === 0) return first;
    return { kind: 'union', of: [first, ...others], isExactlyOne: false, types: null, at };
  }

  function ofType(type: TypeName, schema: JsonObject, at: string): Shape {
    switch (type) {
      case 'object':
        return { ...objectOf(schema, at), at };
      case 'array':
        return {
          kind: 'list',
          items: read(schema['items'] ?? true, `${at}/items`),
          ...sizesAt(schema, 'minItems', 'maxItems', at),
          unique: flagAt(schema, 'uniqueItems', at),
          at,
        };
      case 'string':
        return {
          kind: 'text',
          ...sizesAt(schema, 'minLength', 'maxLength', at),
          pattern: patternAt(schema, at),
          format: formatAt(schema, at),
          at,
        };
      case 'number':
      case 'integer':
        return { ...numberOf(type, schema, at), at };
      case 'boolean':
      case 'null':
        return { kind: type, at };
      default:
        return type satisfies never;
    }
  }

  function objectOf(schema: JsonObject, at: string): ObjectShape {
    const properties = schema['properties'] ?? {};
    if (!isObject(properties)) throw new SchemaProblem(`${at}/properties`, 'expected an object of schemas');
    const required = schema['required'] ?? [];
    if (!isList(required) || !required.every((name) => typeof name === 'string'))
      throw new SchemaProblem(`${at}/required`, 'expected a list of names');
    const written = schema['additionalProperties'];
    const others = written === false ? null : read(written ?? true, `${at}/additionalProperties`);
    const members = new Map(
      Object.entries(properties).map(([name, member]) => [name, read(member, `${at}/properties/${escaped(name)}`)]),
    );
    for (const name of required) {
      if (members.has(name)) continue;
      if (others === null)
        throw new SchemaProblem(`${at}/required`, `${JSON.stringify(name)} is no property, and no others are allowed`);
      members.set(name, others);
    }
    const shape: ObjectShape = {
      kind: 'object',
      members,
      required: new Set(required),
      others,
      // They are allowed where nothing is said of them, and hardly ever meant.
      makesOthers: written !== undefined && written !== false,
      ...sizesAt(schema, 'minProperties', 'maxProperties', at),
    };
    if (others === null && members.size < shape.min)
      throw new SchemaProblem(`${at}/minProperties`, `there are ${members.size} properties, and no others are allowed`);
    if (shape.max !== null && shape.max < shape.required.size)
      throw new SchemaProblem(`${at}/maxProperties`, `${shape.required.size} properties are required`);
    return shape;
  }
}

/** A pointer into the schema that it stands in. */
function pointerOf(reference: Json, at: string): string {
  const expected = 'expected a reference into this schema, such as "#/$defs/line"';
  if (typeof reference !== 'string' || !/^#(\/|$)/.test(reference)) throw new SchemaProblem(at, expected);
  try {
    return decodeURIComponent(reference.slice(1));
  } catch {
    throw new SchemaProblem(at, `${expected}; a % in it is written %25`);
  }
}

function resolve(root: Json, pointer: string, at: string): Json {
  let here = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const inside = insideOf(here, name);
    if (inside === undefined) throw new SchemaProblem(at, `there is nothing at #${pointer}`);
    here = inside;
  }
  return here;
}

function insideOf(value: Json, name: string): Json | undefined {
  if (isList(value)) return /^(0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined;
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
