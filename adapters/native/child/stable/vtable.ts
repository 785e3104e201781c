import koffi from 'koffi';
import type { Native } from '../library/library.js';
import { NULL, type Pointer } from '../pointer.js';
import { sharedFields, type VtableField } from '../../abi/vtable.js';

export type Vtable = Readonly<Record<Exclude<VtableField, 'last_error'>, Native>> & {
  readonly last_error: Native | null;
};

const WORD = 8;

const TYPES: Readonly<Record<VtableField, ReturnType<typeof koffi.proto>>> = {
  call: koffi.proto('int32_t', ['void *', 'uint32_t', 'void *', 'void *']),
  create: koffi.proto('void *', ['void *']),
  destroy: koffi.proto('void', ['void *']),
  free_output: koffi.proto('void', ['void *', 'void *', 'size_t']),
  last_error: koffi.proto('void *', ['void *']),
};

/**
 * Binds the fields that gateway and plugin share; what lies behind the plugin's count is not read. Answers the names of
 * required fields that are NULL when there are some.
 */
export function bindVtable(table: Pointer, minor: number, count: number): Vtable | readonly string[] {
  const shared = sharedFields(minor, count);
  const bind = (field: VtableField): Native | null => {
    const index = shared.indexOf(field);
    if (index < 0) return null;
    const at = koffi.decode(table, index * WORD, 'void *') as Pointer | null;
    return at === null || at === NULL ? null : (koffi.decode(at, TYPES[field]) as Native);
  };
  const [call, create, destroy, free_output] = [bind('call'), bind('create'), bind('destroy'), bind('free_output')];
  if (call === null || create === null || destroy === null || free_output === null)
    return Object.entries({ call, create, destroy, free_output }).flatMap(([name, bound]) =>
      bound === null ? [name] : [],
    );
  return { call, create, destroy, free_output, last_error: bind('last_error') };
}
