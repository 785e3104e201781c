import {
  covers,
  describeOrigin,
  type GrantedHost,
  type HostGrant,
  isAddress,
  type Origin,
  originOf,
} from '../../../src/domain/host-grant.js';
import { classOf } from './address.js';
import { EgressRefused } from './refused.js';

/** Where a request may go. */
export interface Destination {
  readonly origin: Origin;
  /** The origin as people write it. */
  readonly name: string;
  /** Whether a connection to this address is granted. */
  permits(address: string): boolean;
}

/** What the grants make of a URL; `how` begins the sentence of a refusal. Throws EgressRefused. */
export function destinationOf(url: URL, hosts: readonly HostGrant[], how: string): Destination {
  const origin = originOf(url);
  if (origin === null) throw new EgressRefused('denied', `${how} a URL that is neither http nor https`);
  const name = describeOrigin(origin);
  if (url.username !== '' || url.password !== '')
    throw new EgressRefused('denied', `${how} ${name} with a user name in the URL, which is not allowed`);
  const granting = hosts.filter((grant) => covers(grant, origin));
  if (granting.length === 0) throw new EgressRefused('denied', `${how} ${name}, which \`hosts\` does not allow`);
  const permits = (address: string): boolean => granting.some(({ host }) => reaches(host, address));
  // The lookup, where names are checked, is not asked for an address.
  if (isAddress(origin.host) && !permits(origin.host))
    throw new EgressRefused('denied', `${how} ${name}, an address that is not public: \`hosts\` has to list it itself`);
  return { origin, name, permits };
}

function reaches(host: GrantedHost, address: string): boolean {
  switch (host.kind) {
    case 'any':
      return classOf(address) === 'public';
    case 'address':
      return address === host.address;
    case 'name':
      // Whoever lists this name means this machine.
      return host.name === 'localhost' ? classOf(address) === 'loopback' : isOpenTo(host.private, address);
    case 'below':
      return isOpenTo(host.private, address);
    default:
      return host satisfies never;
  }
}

function isOpenTo(privateToo: boolean, address: string): boolean {
  const kind = classOf(address);
  return kind === 'public' || (privateToo && kind === 'private');
}
