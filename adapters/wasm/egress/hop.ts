import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { HttpRequest } from '../host-call.js';
import { EgressRefused } from './refused.js';

/** One request on the way to an answer: the guest's own, or what a redirect made of it. */
export interface Hop {
  readonly method: string;
  readonly url: URL;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array | null;
}

const MOST_URL = 8_192;
const MOST_HEADERS = 100;
/** Characters of all names and values together: what servers take as a rule. */
const MOST_HEADER_TEXT = 16_384;

const METHOD = /^[A-Z][A-Z0-9!#$%&'*+.^_`|~-]{0,31}$/;
/** Not for guests: a tunnel, and echoes of what was sent. */
const FORBIDDEN_METHODS = ['CONNECT', 'TRACE', 'TRACK'];

/** Headers that are the connection's or the gateway's: left out when a guest sets them. */
const NOT_THE_GUESTS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Nothing is decompressed on a guest's behalf, so nothing compressed is asked for. */
const OURS = [
  ['accept', '*/*'],
  ['accept-encoding', 'identity'],
  ['user-agent', 'banyan'],
] as const;

/** The first hop of a guest's request. Throws EgressRefused for what is no request that could be made. */
export function firstHop({ method: written, url, headers, body }: HttpRequest): Hop {
  const method = written.toUpperCase();
  if (!METHOD.test(method) || FORBIDDEN_METHODS.includes(method)) throw invalid('its method is not allowed');
  if (url.length > MOST_URL) throw invalid(`its URL is over ${MOST_URL} characters`);
  if (!URL.canParse(url)) throw invalid('its URL is not valid');
  return {
    method,
    url: new URL(url),
    headers: new Map([...OURS, ...guestHeaders(headers)]),
    body: takesBody(method) ? body : null,
  };
}

function takesBody(method: string): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function guestHeaders(written: HttpRequest['headers']): ReadonlyMap<string, string> {
  if (written.length > MOST_HEADERS) throw invalid(`it has over ${MOST_HEADERS} headers`);
  if (written.reduce((sum, [name, value]) => sum + name.length + value.length, 0) > MOST_HEADER_TEXT)
    throw invalid(`its headers are over ${MOST_HEADER_TEXT} characters`);
  const headers = new Map<string, string>();
  for (const [writtenName, value] of written) {
    const name = writtenName.toLowerCase();
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (cause) {
      throw invalid('one of its headers has a name or value that HTTP does not allow', cause);
    }
    if (NOT_THE_GUESTS.has(name) || name.startsWith('proxy-')) continue;
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`);
  }
  return headers;
}

function invalid(message: string, cause?: unknown): EgressRefused {
  return new EgressRefused('invalid', message, { cause });
}
