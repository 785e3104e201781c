/** What `JSON.parse` makes. Objects have `__proto__` as a key like any other: look for keys with `Object.hasOwn`. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
