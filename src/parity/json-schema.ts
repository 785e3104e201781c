import { isList, isObject, type Json, type JsonObject } from './json.js';
import {
  escaped,
  formatAt,
  numberOf,
  patternAt,
  refuseBeside,
  SchemaProblem,
  sizesAt,
  SUPPORTED,
  type TypeName,
  typesOf,
  valuesOf,
} from './schema-keywords.js';
import type { ObjectShape, Shape } from './shape.js';

/** Reads a JSON Schema, as far as documents can be made by it. Throws {@link SchemaProblem} for what is not supported. */
export function readSchema(root: Json): Shape {
  const references = new Map<string, Shape>();
  const shape = read(root, '');
  return shape;

  function read(schema: Json, at: string): Shape {
    if (schema === true) return { kind: 'any' };
    if (!isObject(schema)) throw new SchemaProblem(at, 'expected a schema: an object, or true');
    const strange = Object.keys(schema).find((keyword) => !SUPPORTED.has(keyword));
    if (strange !== undefined)
      throw new SchemaProblem(`${at}/${escaped(strange)}`, `the keyword ${strange} is not supported`);
    if (schema['$ref'] !== undefined) return reference(schema, at);
    const values = valuesOf(schema, at);
    if (values !== null) return { kind: 'values', values };
    const branches = schema['oneOf'] ?? schema['anyOf'];
    if (branches !== undefined) return union(schema, branches, at);
    return typed(schema, at);
  }

  function reference(schema: JsonObject, at: string): Shape {
    refuseBeside(schema, ['$ref'], at);
    const target = schema['$ref'];
    const here = `${at}/$ref`;
    if (typeof target !== 'string' || !target.startsWith('#'))
      throw new SchemaProblem(here, 'expected a reference into this schema, such as "#/$defs/line"');
    const name = decodeURIComponent(target.slice(1));
    if (!references.has(name)) {
      // First, so that what refers to itself ends.
      references.set(name, { kind: 'any' });
      const found = read(resolve(root, name, here), name);
      if (found.kind === 'reference' && found.name === name)
        throw new SchemaProblem(here, 'it refers to nothing but itself');
      references.set(name, found);
    }
    return { kind: 'reference', name, target: () => references.get(name) ?? { kind: 'any' } };
  }

  function union(schema: JsonObject, branches: Json, at: string): Shape {
    const keyword = schema['oneOf'] === undefined ? 'anyOf' : 'oneOf';
    refuseBeside(schema, [keyword, 'type'], at);
    if (!isList(branches) || branches.length === 0)
      throw new SchemaProblem(`${at}/${keyword}`, 'expected a list of schemas');
    return { kind: 'union', of: branches.map((branch, index) => read(branch, `${at}/${keyword}/${index}`)) };
  }

  function typed(schema: JsonObject, at: string): Shape {
    const types = typesOf(schema, at);
    if (types.length === 0) return { kind: 'any' };
    const shapes = types.map((type) => ofType(type, schema, at));
    return shapes.length === 1 && shapes[0] !== undefined ? shapes[0] : { kind: 'union', of: shapes };
  }

  function ofType(type: TypeName, schema: JsonObject, at: string): Shape {
    switch (type) {
      case 'object':
        return objectOf(schema, at);
      case 'array':
        return {
          kind: 'list',
          items: schema['items'] === undefined ? { kind: 'any' } : read(schema['items'], `${at}/items`),
          ...sizesAt(schema, 'minItems', 'maxItems', at),
          unique: schema['uniqueItems'] === true,
        };
      case 'string':
        return {
          kind: 'text',
          ...sizesAt(schema, 'minLength', 'maxLength', at),
          pattern: patternAt(schema, at),
          format: formatAt(schema, at),
        };
      case 'number':
      case 'integer':
        return numberOf(type, schema, at);
      case 'boolean':
      case 'null':
        return { kind: type };
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
    const others = schema['additionalProperties'];
    const members = new Map(
      Object.entries(properties).map(([name, member]) => [name, read(member, `${at}/properties/${escaped(name)}`)]),
    );
    for (const name of required) if (!members.has(name)) members.set(name, { kind: 'any' });
    return {
      kind: 'object',
      members,
      required: new Set(required),
      others:
        others === false ? null : others === undefined ? { kind: 'any' } : read(others, `${at}/additionalProperties`),
      // They are allowed where nothing is said of them, and hardly ever meant.
      makesOthers: others !== undefined && others !== false,
      ...sizesAt(schema, 'minProperties', 'maxProperties', at),
    };
  }
}

function resolve(root: Json, pointer: string, at: string): Json {
  let here: Json | undefined = root;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    here = isObject(here) && Object.hasOwn(here, name) ? here[name] : isList(here) ? here[Number(name)] : undefined;
    if (here === undefined) throw new SchemaProblem(at, `there is nothing at #${pointer}`);
  }
  return here;
}
