import type { NativeType, PrototypeCall, PrototypeResult } from '../domain/native-function.js';
import type { ManifestFile } from '../schema/manifest.js';
import { declaredName } from '../schema/native-prototype.js';

type Written = NonNullable<ManifestFile['backends']['legacy']>;
type OwnFunction = NonNullable<Written['init']>;

const NOTHING: PrototypeResult = { as: 'none', at: null, free: null, status: null, error: null, errno: false };
const HANDLE: PrototypeResult = { ...NOTHING, as: 'handle', error: 'null' };
const STATUS: PrototypeResult = { ...NOTHING, status: 0 };

/** The C types of a library, in the order in which they are written. */
export function nativeTypes(written: Written['types']): readonly NativeType[] {
  return Object.entries(written).map(([name, type]): NativeType => {
    if (type === 'opaque') return { name, is: 'opaque' };
    if (typeof type === 'string') return { name, is: 'alias', of: type };
    return { name, is: 'struct', fields: Object.entries(type).map(([field, of]) => ({ name: field, type: of })) };
  });
}

/** A bare symbol is `void *NAME(void)`, and its result the handle. */
export function initOf(written: OwnFunction): PrototypeCall {
  if (typeof written === 'string') return bare(written, `void *${written}(void)`, [], HANDLE);
  const { prototype, args } = written;
  const made = args.some((argument) => typeof argument === 'object' && argument !== null && 'out' in argument);
  const pointer = /^[^(]*\*/.test(prototype) && !made;
  const nothing = /^\s*(extern\s+)?void\s+\w+\s*\(/.test(prototype);
  return declared(written, pointer ? HANDLE : nothing ? NOTHING : STATUS);
}

/** A bare symbol is `void NAME(void *handle)`, or `void NAME(void)` where no handle is made. */
export function shutdownOf(written: OwnFunction, hasHandle: boolean): PrototypeCall {
  if (typeof written !== 'string') return declared(written, NOTHING);
  return hasHandle
    ? bare(written, `void ${written}(void *handle)`, ['$handle'], NOTHING)
    : bare(written, `void ${written}(void)`, [], NOTHING);
}

/** A bare symbol is `const char *NAME(void)`. */
export function lastErrorOf(written: OwnFunction): PrototypeCall {
  if (typeof written === 'string') return bare(written, `const char *${written}(void)`, [], 'text');
  return declared(written, 'text');
}

function bare(symbol: string, prototype: string, args: PrototypeCall['args'], result: PrototypeCall['result']) {
  return { symbol, prototype, args, result };
}

function declared(written: Exclude<OwnFunction, string>, usual: PrototypeCall['result']): PrototypeCall {
  const { prototype, symbol, args, result } = written;
  return { symbol: symbol ?? declaredName(prototype) ?? '', prototype, args, result: result ?? usual };
}
