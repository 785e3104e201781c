export type Json = null | boolean | JsonNumber | string | readonly Json[] | JsonObject;

/** A number that JavaScript would spell otherwise, or not hold: 9007199254740993, 1.0. See {@link writtenNumber}. */
export class WrittenNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
export type JsonNumber = number | WrittenNumber;

export interface JsonObject {
  readonly [member: string]: Json;
}

/** From the outside in: names of members and indices. */
export type Path = readonly (string | number)[];

/** A number as a document spells it. */
export function writtenNumber(text: string): JsonNumber {
  const number = Number(text);
  // Of whole ones beyond 2^53 JavaScript may spell another than it holds.
  const isHeld = Number.isSafeInteger(number) || !Number.isInteger(number);
  return isHeld && String(number) === text ? number : new WrittenNumber(text);
}

export function isNumber(value: Json): value is JsonNumber {
  return typeof value === 'number' || value instanceof WrittenNumber;
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value) && !(value instanceof WrittenNumber);
}

/** Every value in a document with its path, the document first; at most `most`. */
export function valuesIn(document: Json, most = 2_000): readonly { readonly path: Path; readonly value: Json }[] {
  const found: { path: Path; value: Json }[] = [{ path: [], value: document }];
  for (let at = 0; at < found.length && found.length < most; at++) {
    const { path, value } = found[at] ?? { path: [], value: null };
    const room = most - found.length;
    if (isList(value))
      value.slice(0, room).forEach((item, index) => found.push({ path: [...path, index], value: item }));
    else if (isObject(value))
      for (const [name, member] of Object.entries(value).slice(0, room))
        found.push({ path: [...path, name], value: member });
  }
  return found;
}

/** The document with another value at a path. */
export function withValue(document: Json, path: Path, value: Json): Json {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (isList(document)) return document.map((item, index) => (index === part ? withValue(item, rest, value) : item));
  if (!isObject(document)) return document;
  return Object.fromEntries(
    Object.entries(document).map(([name, member]) => [name, name === part ? withValue(member, rest, value) : member]),
  );
}

/** The document without a member or an item. */
export function without(document: Json, path: Path): Json {
  const [part, ...rest] = path;
  if (part === undefined) return document;
  if (isList(document))
    return rest.length === 0
      ? document.filter((_item, index) => index !== part)
      : document.map((item, index) => (index === part ? without(item, rest) : item));
  if (!isObject(document)) return document;
  const members = Object.entries(document);
  return Object.fromEntries(
    rest.length === 0
      ? members.filter(([name]) => name !== part)
      : members.map(([name, member]) => [name, name === part ? without(member, rest) : member]),
  );
}
