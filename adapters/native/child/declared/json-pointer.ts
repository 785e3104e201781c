/** The value that a JSON pointer (RFC 6901) leads to; undefined when there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const key of keysOf(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** Puts a value into a document of mappings, which are made on the way. */
export function putAt(document: Record<string, unknown>, pointer: string, value: unknown): void {
  const keys = keysOf(pointer);
  const last = keys.pop() ?? '';
  let inside = document;
  for (const key of keys) inside = (inside[key] ??= emptyDocument()) as Record<string, unknown>;
  inside[last] = value;
}

/** Without a prototype, so that `__proto__` is a key like all others. */
export function emptyDocument(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** The pointer to a member of what `pointer` leads to. */
export function below(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Whether one leads to, or into, what the other leads to. */
export function overlap(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((escaped) => escaped.replaceAll('~1', '/').replaceAll('~0', '~'));
}
