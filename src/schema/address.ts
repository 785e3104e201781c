import { z } from 'zod';
import type { Address } from '../domain/configuration.js';

const EXPECTED = 'expected host:port, such as 127.0.0.1:8080 or "[::1]:8080" (in quotes)';
const FORM = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)):(\d{1,5})$/;

/** Where a listener binds: a host name or an IP address (IPv6 in brackets), and a port; 0 asks for any free one. */
export const address = z
  .string(EXPECTED)
  .regex(FORM, EXPECTED)
  .transform((written, context): Address => {
    const [, v6, name, , digits] = FORM.exec(written) ?? [];
    const host = v6 ?? name ?? '';
    const port = Number(digits);
    const known = v6 === undefined ? !/^[\d.]+$/.test(host) || z.ipv4().safeParse(host).success : isIpv6(host);
    if (known && port <= 65_535) return { host, port };
    context.addIssue({ code: 'custom', message: known ? 'expected a port from 0 to 65535' : EXPECTED });
    return z.NEVER;
  });

function isIpv6(host: string): boolean {
  return z.ipv6().safeParse(host).success;
}
