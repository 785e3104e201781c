import type { HttpRequest } from '../host-call.js';
import { type Ask, handedOver } from './nested-calls.js';

/** What guests find of HTTP in `extism:host/env`, for one instance. Handles are blocks of its kernel. */
export interface GuestHttp {
  request(request: bigint, body: bigint): bigint;
  /** Of the latest answer; 0 before there is one. */
  statusCode(): number;
  /** Of the latest answer, as a JSON object. */
  headers(): bigint;
  /** Forgets the latest answer: it is no business of the next call. */
  forget(): void;
}

interface Surroundings {
  readonly ask: Ask;
  /** The bytes of a block; ends the call when there is no such block. */
  readonly read: (handle: bigint, what: string) => Uint8Array;
  readonly write: (bytes: Uint8Array) => bigint;
  /** Frees a block that the guest has handed over. */
  readonly consume: (handle: bigint) => void;
  readonly end: (why: string) => never;
}

/** Bytes of a request as JSON, its body not counted. */
const MOST_REQUEST = 65_536;

const FORM = 'expected JSON such as {"url": "https://…", "method": "GET", "headers": {"accept": "text/plain"}}';

export function guestHttp({ ask, read, write, consume, end }: Surroundings): GuestHttp {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let status = 0;
  let headers = '{}';

  const forget = (): void => {
    status = 0;
    headers = '{}';
  };
  const fail = (why: string): never => end(`http_request: ${why}`);

  return {
    request(requestHandle, bodyHandle) {
      forget();
      const bytes = read(requestHandle, 'http_request');
      if (bytes.length > MOST_REQUEST) return fail(`its request is over ${MOST_REQUEST} bytes of JSON`);
      const request = parse(decoder.decode(bytes));
      if (request === null) return fail(FORM);
      const body = bodyHandle === 0n ? null : handedOver(read(bodyHandle, 'http_request'), 'http_request', end);
      const answer = ask({ kind: 'http', request: { ...request, body } });
      switch (answer.kind) {
        case 'http': {
          status = answer.status;
          headers = asObject(answer.headers);
          // First, so that a guest that frees what it handed over nevertheless does not hit it.
          const handle = write(answer.body);
          consume(requestHandle);
          consume(bodyHandle);
          return handle;
        }
        case 'refused':
          return fail(answer.why);
        case 'given-up':
          return end('nobody waits for it any more');
        case 'call':
          throw new Error('an answer to another request came: a defect of the gateway');
        default:
          return answer satisfies never;
      }
    },
    statusCode: () => status,
    headers: () => write(encoder.encode(headers)),
    forget,
  };
}

/** As the PDKs write it: the method may be missing, the headers too, and some old ones call them `header`. */
function parse(text: string): Omit<HttpRequest, 'body'> | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { url, method: written, headers, header }: Readonly<Partial<Record<string, unknown>>> = { ...parsed };
  const method = written ?? 'GET';
  const pairs = pairsOf(headers ?? header ?? {});
  return typeof url === 'string' && typeof method === 'string' && pairs !== null
    ? { url, method, headers: pairs }
    : null;
}

function pairsOf(headers: unknown): [name: string, value: string][] | null {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return null;
  const pairs: [string, unknown][] = Object.entries(headers);
  return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string') ? pairs : null;
}

/**
 * Values of one name are joined, as fetch and the JS SDK do: it means the same (RFC 9110, 5.3). Only of cookies that are set
 * it does not; there the last one stays, as in both SDKs.
 */
function asObject(pairs: readonly (readonly [name: string, value: string])[]): string {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = values.get(name);
    values.set(name, before === undefined || name === 'set-cookie' ? value : `${before}, ${value}`);
  }
  return JSON.stringify(Object.fromEntries(values));
}
