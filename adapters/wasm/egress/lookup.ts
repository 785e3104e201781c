import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import type { Destination } from './destination.js';
import { EgressRefused } from './refused.js';

/** All addresses of a name. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

/** By the system's rules: `/etc/hosts`, search domains, DNS. */
export const resolveBySystem: Resolve = (name) => lookup(name, { all: true, verbatim: true });

/**
 * The lookup of one connection. It answers the addresses that are granted, and the socket connects to these very ones: no
 * second answer of the resolver can come in between.
 */
export function checkedLookup(destination: Destination, resolve: Resolve): LookupFunction {
  return (name, options, callback) => {
    granted(name, destination, resolve).then(
      (addresses) => {
        const [{ address, family }] = addresses;
        if (options.all === true) callback(null, [...addresses]);
        else callback(null, address, family);
      },
      (error: unknown) => callback(error as Error, '', 0),
    );
  };
}

async function granted(
  name: string,
  destination: Destination,
  resolve: Resolve,
): Promise<readonly [LookupAddress, ...LookupAddress[]]> {
  let found: readonly LookupAddress[];
  try {
    found = await resolve(name);
  } catch (cause) {
    throw new EgressRefused('failed', `the name of ${destination.name} cannot be resolved${codeIn(cause)}`, { cause });
  }
  const [first, ...others] = found.filter(({ address }) => destination.permits(address));
  if (first !== undefined) return [first, ...others];
  throw found.length === 0
    ? new EgressRefused('failed', `the name of ${destination.name} has no addresses`)
    : new EgressRefused('denied', `${destination.name} leads to no address that \`hosts\` allows: none is public`);
}

/** The code of an error of Node's, in brackets; nothing where there is none. */
export function codeIn(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? ` (${code})` : '';
}
