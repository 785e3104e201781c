import { type ClientRequest, type IncomingMessage, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import { brokenAt, type Stage } from './broken.js';
import type { Connections } from './connections.js';
import type { Destination } from './destination.js';
import type { Hop } from './hop.js';
import { checkedLookup, type Resolve } from './lookup.js';
import { EgressRefused } from './refused.js';

/** Bytes of a response's headers. */
const MOST_RESPONSE_HEADERS = 32 * 1024;

/** Methods that mean the same when they arrive twice (RFC 9110, 9.2.2). */
const REPEATABLE = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

export interface Sending {
  readonly connections: Connections;
  readonly resolve: Resolve;
  /** Milliseconds until there is a connection: name, address and TLS. */
  readonly connectWithin: number;
  readonly signal: AbortSignal;
}

/** Makes one hop's request; the response's body is still to be read. Rejects with EgressRefused. */
export function send(hop: Hop, destination: Destination, sending: Sending): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let stage: Stage = 'connecting';
    const { connectWithin, signal } = sending;
    const request = made(hop, destination, sending);
    const tooLate = setTimeout(
      () =>
        request.destroy(
          new EgressRefused('timeout', `there was no connection to ${destination.name} within ${connectWithin} ms`),
        ),
      connectWithin,
    );
    const connected = (): void => {
      clearTimeout(tooLate);
      stage = 'asking';
    };
    request.on('socket', (socket) => {
      if (request.reusedSocket) connected();
      else if (destination.origin.scheme === 'http') socket.once('connect', connected);
      else socket.once('connect', () => (stage = 'securing')).once('secureConnect', connected);
    });
    request.on('response', resolve);
    request.on('error', (error) => {
      // A kept connection that its server has ended meanwhile says nothing about the request. Each such attempt uses
      // one up, so this comes to an end.
      if (request.reusedSocket && isReset(error) && !signal.aborted && REPEATABLE.includes(hop.method))
        resolve(send(hop, destination, sending));
      else reject(brokenAt(stage, destination, error));
    });
    // After an answer or an error this changes nothing; without either (a 101, say) nothing else would come.
    request.on('close', () => {
      clearTimeout(tooLate);
      reject(brokenAt(stage, destination, null));
    });
    request.end(hop.body ?? undefined);
  });
}

function made({ method, url, headers, body }: Hop, destination: Destination, sending: Sending): ClientRequest {
  const { scheme, host, port } = destination.origin;
  const request = (scheme === 'http' ? overHttp : overHttps)({
    method,
    host,
    port,
    path: `${url.pathname}${url.search}`,
    agent: sending.connections.agentFor(scheme),
    lookup: checkedLookup(destination, sending.resolve),
    signal: sending.signal,
    maxHeaderSize: MOST_RESPONSE_HEADERS,
    insecureHTTPParser: false,
  });
  for (const [name, value] of headers) request.setHeader(name, value);
  if (body !== null) request.setHeader('content-length', body.length);
  return request;
}

function isReset(error: Error): boolean {
  return 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}
