import type { IncomingMessage } from 'node:http';
import type { Hop } from './hop.js';
import { EgressRefused } from './refused.js';

const REDIRECTS: ReadonlySet<number | undefined> = new Set([301, 302, 303, 307, 308]);
const ABOUT_THE_BODY = ['content-encoding', 'content-language', 'content-location', 'content-type'];
const FOR_ONE_ORIGIN = ['authorization', 'cookie'];

/** The hop that a response asks for, by the rules of fetch; null when it is the answer itself. Throws EgressRefused. */
export function redirected(hop: Hop, { statusCode, headers: { location } }: IncomingMessage): Hop | null {
  if (!REDIRECTS.has(statusCode) || location === undefined) return null;
  if (!URL.canParse(location, hop.url.href))
    throw new EgressRefused('failed', 'it was redirected to what is no valid URL');
  const url = new URL(location, hop.url);
  const becomesGet =
    (statusCode === 303 && hop.method !== 'GET' && hop.method !== 'HEAD') ||
    ((statusCode === 301 || statusCode === 302) && hop.method === 'POST');
  const dropped = [...(becomesGet ? ABOUT_THE_BODY : []), ...(url.origin === hop.url.origin ? [] : FOR_ONE_ORIGIN)];
  return {
    method: becomesGet ? 'GET' : hop.method,
    url,
    headers: new Map([...hop.headers].filter(([name]) => !dropped.includes(name))),
    body: becomesGet ? null : hop.body,
  };
}
