import { BlockList, isIPv4 } from 'node:net';

/**
 * Where an address lies. `special` is everything that is neither the internet nor somebody's private network: link-local,
 * the metadata services of clouds, multicast, documentation, and IPv6 forms that carry an IPv4 address.
 */
export type AddressClass = 'public' | 'private' | 'loopback' | 'special';

/** Where clouds answer their machines, besides 169.254.169.254: inside ranges that are public or private elsewhere. */
const METADATA_4 = ['100.100.100.200/32', '168.63.129.16/32'];
const METADATA_6 = ['fd00:ec2::254/128', 'fd20:ce::254/128'];

// A list for each family: lists of both hold mapped addresses against the ranges of the other one.
const PRIVATE_4 = ranges('ipv4', ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']);
const LOOPBACK_4 = ranges('ipv4', ['127.0.0.0/8']);
const SPECIAL_4 = ranges('ipv4', [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  ...METADATA_4,
]);

const PRIVATE_6 = ranges('ipv6', ['fc00::/7']);
const LOOPBACK_6 = ranges('ipv6', ['::1/128']);
// What is not handed out for the internet is special, whatever it will be used for: NAT64 and mapped addresses too.
const GLOBAL_6 = ranges('ipv6', ['2000::/3']);
// Teredo and its neighbours, documentation, 6to4.
const SPECIAL_6 = ranges('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20', ...METADATA_6]);

/** Classes an IP address, as the resolver or `hostOf` writes it, by IANA's registries of special-purpose addresses. */
export function classOf(address: string): AddressClass {
  if (isIPv4(address)) {
    if (SPECIAL_4.check(address)) return 'special';
    if (LOOPBACK_4.check(address)) return 'loopback';
    return PRIVATE_4.check(address) ? 'private' : 'public';
  }
  // With a zone: link-local.
  if (address.includes('%') || SPECIAL_6.check(address, 'ipv6')) return 'special';
  if (LOOPBACK_6.check(address, 'ipv6')) return 'loopback';
  if (PRIVATE_6.check(address, 'ipv6')) return 'private';
  return GLOBAL_6.check(address, 'ipv6') ? 'public' : 'special';
}

function ranges(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
