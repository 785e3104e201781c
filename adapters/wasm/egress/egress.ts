import type { IncomingMessage } from 'node:http';
import type { EgressOutcome } from '../../../src/domain/backend.js';
import type { HostGrant } from '../../../src/domain/host-grant.js';
import type { HostAnswer, HttpRequest } from '../host-call.js';
import { brokenAt } from './broken.js';
import { type Connections, makeConnections } from './connections.js';
import { type Destination, destinationOf } from './destination.js';
import { firstHop, type Hop } from './hop.js';
import { codeIn, type Resolve, resolveBySystem } from './lookup.js';
import { readBody } from './read-body.js';
import { redirected } from './redirect.js';
import { EgressRefused } from './refused.js';
import { send, type Sending } from './send.js';

const MOST_REDIRECTS = 5;
const DEFAULTS = { connectWithin: 5_000, answerWithin: 30_000 };

export interface EgressOptions {
  readonly hosts: readonly HostGrant[];
  /** Bytes of an answer's body. */
  readonly bodyLimit: number;
  /** Hears once of each request, when it has ended. Milliseconds. */
  readonly told: (outcome: EgressOutcome, durationMs: number) => void;
  /** Milliseconds until a connection, for each hop. */
  readonly connectWithin?: number;
  /** Milliseconds until all of an answer, redirects included. */
  readonly answerWithin?: number;
  readonly resolve?: Resolve;
  /** Certificates to trust instead of Node's list, as PEM. */
  readonly ca?: string;
}

export interface Within {
  /** The deadline of the guest's call, by the gateway's clock: what is stopped after it counts as `timeout`. */
  readonly deadline: number;
  /** Aborted when nobody waits for the guest's call any more: at its deadline, at the latest. */
  readonly signal: AbortSignal;
}

export type EgressAnswer = Extract<HostAnswer, { readonly kind: 'http' | 'refused' | 'given-up' }>;

/** The way of one plugin's guests to the network: what `hosts` grants them, and their connections. */
export interface Egress {
  /** Makes a guest's request within its grant, and follows its redirects. Never rejects. */
  request(request: HttpRequest, within: Within): Promise<EgressAnswer>;
  /** Ends the connections, also under requests that have not ended. */
  close(): void;
}

export function makeEgress(options: EgressOptions): Egress {
  const { hosts, bodyLimit, told, resolve = resolveBySystem } = options;
  const { connectWithin, answerWithin } = { ...DEFAULTS, ...options };
  let connections: Connections | null = null;

  /** `at` hears where the request is being made. */
  const exchange = async (
    request: HttpRequest,
    sending: Sending,
    at: (destination: Destination) => void,
  ): Promise<EgressAnswer> => {
    if (hosts.length === 0) throw new EgressRefused('denied', 'no host is allowed');
    let hop = firstHop(request);
    let how = 'it asks for';
    for (let redirects = 0; ; redirects++) {
      const destination = destinationOf(hop.url, hosts, how);
      at(destination);
      const response = await send(hop, destination, sending);
      const next = followed(hop, response);
      if (next === null) return answerOf(hop, destination, response, bodyLimit);
      letGo(response);
      if (redirects === MOST_REDIRECTS)
        throw new EgressRefused('denied', `it was redirected more than ${MOST_REDIRECTS} times`);
      how = `${destination.name} redirects it to`;
      hop = next;
    }
  };

  return {
    async request(request, { deadline, signal }) {
      const began = performance.now();
      const stopping = new AbortController();
      let where = '';
      const late = setTimeout(
        () =>
          stopping.abort(new EgressRefused('timeout', `there was no whole answer${where} within ${answerWithin} ms`)),
        answerWithin,
      );
      const giveUp = (): void =>
        stopping.abort(
          new EgressRefused(performance.now() < deadline ? 'given-up' : 'timeout', 'nobody waits for it any more'),
        );
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
      let outcome: EgressOutcome = 'answered';
      try {
        stopping.signal.throwIfAborted();
        connections ??= makeConnections(options.ca);
        const sending = { connections, resolve, connectWithin, signal: stopping.signal };
        return await exchange(request, sending, ({ name }) => (where = ` from ${name}`));
      } catch (error) {
        // Whatever broke because of a stop: the stop is the cause.
        const cause: unknown = stopping.signal.aborted ? stopping.signal.reason : error;
        const refused =
          cause instanceof EgressRefused
            ? cause
            : new EgressRefused('failed', `it could not be made${codeIn(cause)}`, { cause });
        ({ outcome } = refused);
        return signal.aborted ? { kind: 'given-up' } : { kind: 'refused', why: refused.message };
      } finally {
        clearTimeout(late);
        signal.removeEventListener('abort', giveUp);
        told(outcome, performance.now() - began);
      }
    },
    close: () => connections?.close(),
  };
}

/** As `redirected`; where that throws, nobody reads the answer any more. */
function followed(hop: Hop, response: IncomingMessage): Hop | null {
  try {
    return redirected(hop, response);
  } catch (error) {
    letGo(response);
    throw error;
  }
}

/** Its body is of no use, and may have no end. */
function letGo(response: IncomingMessage): void {
  response.on('error', () => undefined).destroy();
}

async function answerOf(
  hop: Hop,
  destination: Destination,
  response: IncomingMessage,
  limit: number,
): Promise<EgressAnswer> {
  const body = await readBody(response, hop.method, limit, (error) => brokenAt('reading', destination, error));
  return { kind: 'http', status: response.statusCode ?? 0, headers: pairs(response.rawHeaders), body };
}

/** Names in lower case. */
function pairs(raw: readonly string[]): (readonly [name: string, value: string])[] {
  const headers: (readonly [name: string, value: string])[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) headers.push([(raw[at] ?? '').toLowerCase(), raw[at + 1] ?? '']);
  return headers;
}
