import { z } from 'zod';
import type { Address } from '../domain/configuration.js';

const FORM = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)):(\d{1,5})$/;
const EXPECTED = 'expected host:port, such as 127.0.0.1:8080 or "[::1]:8080" (in quotes)';

/** Where a listener binds: a host name or an IP address (IPv6 in brackets), and a port; 0 asks for any free one. */
export const address = z
  .unknown()
  .transform((written, context): Address => {
    const [, v6, name, digits] = (typeof written === 'string' ? FORM.exec(written) : null) ?? [];
    const host = v6 ?? name ?? '';
    const port = Number(digits);
    const known = v6 === undefined ? isName(host) : z.ipv6().safeParse(host).success;
    if (known && port <= 65_535) return { host, port };
    context.addIssue({ code: 'custom', message: known ? 'expected a port from 0 to 65535' : EXPECTED });
    return z.NEVER;
  })
  .meta({ type: 'string', pattern: FORM.source });

/** What looks like an IPv4 address has to be one. */
function isName(host: string): boolean {
  return host !== '' && (!/^[\d.]+$/.test(host) || z.ipv4().safeParse(host).success);
}
