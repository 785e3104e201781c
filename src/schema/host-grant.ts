import { z } from 'zod';
import { type GrantedHost, type HostGrant, hostOf, isAddress } from '../domain/host-grant.js';

const FORM =
  /^(private:)?(?:([Hh][Tt][Tt][Pp][Ss]?):\/\/)?(?:(\*)|(\*\.)?([^\s/?#@:\\%*[\]]+|\[[0-9A-Fa-f:.]+\]))(?::(\d{1,5}))?$/;
const NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

const EXPECTED =
  'expected a host as [http:// or https://]host[:port], such as https://api.example.com, "*.example.com", 10.0.0.5:8080 or "[::1]:8080"';
const EXPECTED_NAME = 'expected private: before a name alone; an address, and localhost, say it themselves';

/** What an entry says, or what would be right instead. */
export function parseHostGrant(written: string): HostGrant | string {
  const match = FORM.exec(written);
  if (match === null) return EXPECTED;
  const [, marker, scheme, any, wildcard, name = '', port] = match;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return 'expected a port from 1 to 65535';
  const host =
    any === undefined ? grantedHost(name, wildcard !== undefined, marker !== undefined) : ({ kind: 'any' } as const);
  if (typeof host === 'string') return host;
  if (host.kind === 'any' && marker !== undefined) return EXPECTED_NAME;
  return {
    scheme: scheme === undefined ? null : scheme.toLowerCase() === 'http' ? 'http' : 'https',
    host,
    port: port === undefined ? null : Number(port),
  };
}

function grantedHost(written: string, below: boolean, isPrivate: boolean): GrantedHost | string {
  if (!URL.canParse(`http://${written}`)) return EXPECTED;
  const host = hostOf(new URL(`http://${written}`));
  if (isAddress(host)) {
    if (below) return EXPECTED;
    if (isPrivate) return EXPECTED_NAME;
    // 127.1, 0x7f.1 and 2130706433 are the same address: nobody reviews that.
    return written === host || written.startsWith('[')
      ? { kind: 'address', address: host }
      : `expected an address in full: ${host}`;
  }
  if (!NAME.test(host) || host.length > 253) return EXPECTED;
  if (below) return { kind: 'below', domain: host, private: isPrivate };
  return isPrivate && host === 'localhost' ? EXPECTED_NAME : { kind: 'name', name: host, private: isPrivate };
}

/** An entry of `hosts` of a module. */
export const hostGrant = z
  .unknown()
  .transform((written, context): HostGrant => {
    const parsed = typeof written === 'string' ? parseHostGrant(written) : EXPECTED;
    if (typeof parsed !== 'string') return parsed;
    context.addIssue({ code: 'custom', message: parsed });
    return z.NEVER;
  })
  .meta({ type: 'string', pattern: FORM.source });
