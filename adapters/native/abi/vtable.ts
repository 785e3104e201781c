import type { FieldLayout, TypeLayout } from './layout.js';

/** The newest minor version of the ABI that this gateway knows. */
export const MINOR = 1;

export const VTABLE_SYMBOL = 'banyan_plugin_vtable_1';

/** How many fields every plugin of this major version has, none of them NULL. */
export const PREFIX = 4;

/** The vtable's fields, pointers all, in order. `since`: the minor that added the field; one after 0 is optional. */
const FIELDS = [
  { name: 'call', since: 0 },
  { name: 'create', since: 0 },
  { name: 'destroy', since: 0 },
  { name: 'free_output', since: 0 },
  { name: 'last_error', since: 1 },
] as const;

export type VtableField = (typeof FIELDS)[number]['name'];

const WORD = 8;

const pointer = (name: string, offset: number): FieldLayout => ({ name, offset, size: WORD, kind: 'pointer' });
const length: FieldLayout = { name: 'length', offset: WORD, size: WORD, kind: 'unsigned' };
const bytes = (name: string): TypeLayout => ({
  name,
  size: 2 * WORD,
  alignment: WORD,
  fields: [pointer('data', 0), length],
});

/** The types that gateway and plugin hand to each other. */
export const OWN_TYPES: readonly TypeLayout[] = [bytes('banyan_slice'), bytes('banyan_buffer')];

/** The name that the vtable itself has among the types. */
export const VTABLE_TYPE = 'banyan_vtable';

/**
 * The fields that both sides have: what a gateway of this minor knows, and a plugin with so many has. Others must
 * not be read, whatever memory follows.
 */
export function sharedFields(minor: number, count: number): readonly VtableField[] {
  return FIELDS.filter((field, index) => field.since <= minor && index < count).map((field) => field.name);
}

/** The vtable of a plugin with so many fields as a gateway of this minor expects it. */
export function expectedVtable(minor: number, count: number): TypeLayout {
  const fields = sharedFields(minor, count).map((name, index) => pointer(name, index * WORD));
  return { name: VTABLE_TYPE, size: count * WORD, alignment: WORD, fields };
}
