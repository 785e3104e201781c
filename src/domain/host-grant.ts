/** One entry of a module's `hosts`: a part of the network that it may ask. */
export interface HostGrant {
  /** null: both. */
  readonly scheme: Scheme | null;
  readonly host: GrantedHost;
  /** null: the scheme's own. */
  readonly port: number | null;
}

export type Scheme = 'http' | 'https';

/** Names and addresses as `hostOf` writes them. `private` lets a name lead to addresses of private networks. */
export type GrantedHost =
  | { readonly kind: 'any' }
  | { readonly kind: 'below'; readonly domain: string; readonly private: boolean }
  | { readonly kind: 'name'; readonly name: string; readonly private: boolean }
  | { readonly kind: 'address'; readonly address: string };

/** Where a request goes. */
export interface Origin {
  readonly scheme: Scheme;
  /** As `hostOf` writes it. */
  readonly host: string;
  readonly port: number;
}

const SCHEME_PORTS: Readonly<Record<Scheme, number>> = { http: 80, https: 443 };

/** The one spelling of a URL's host: lower case, punycode, addresses in full and without brackets, no dot at the end. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/** Whether a host, as `hostOf` writes it, is an IP address. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host);
}

/** Where a URL of http or https leads; null for another scheme. */
export function originOf(url: URL): Origin | null {
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') return null;
  return { scheme, host: hostOf(url), port: url.port === '' ? SCHEME_PORTS[scheme] : Number(url.port) };
}

/** As people write it: without the scheme's own port. */
export function describeOrigin({ scheme, host, port }: Origin): string {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${bracketed}${port === SCHEME_PORTS[scheme] ? '' : `:${port}`}`;
}

/** Whether a grant names this origin. Which addresses its name may lead to is another question. */
export function covers(grant: HostGrant, { scheme, host, port }: Origin): boolean {
  if (grant.scheme !== null && grant.scheme !== scheme) return false;
  if (port !== (grant.port ?? SCHEME_PORTS[scheme])) return false;
  switch (grant.host.kind) {
    case 'any':
      return true;
    case 'below':
      return !isAddress(host) && host.endsWith(`.${grant.host.domain}`);
    case 'name':
      return host === grant.host.name;
    case 'address':
      return host === grant.host.address;
    default:
      return grant.host satisfies never;
  }
}
