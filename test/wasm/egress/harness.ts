import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { EgressOutcome } from '#src/domain/backend.js';
import { hostGrant } from '#src/schema/host-grant.js';
import { type EgressAnswer, type EgressOptions, makeEgress, type Within } from '#adapters/wasm/egress/egress.js';
import type { HttpRequest } from '#adapters/wasm/host-call.js';
import { CERTIFICATE, KEY } from './certificate.js';

interface TestServer {
  readonly port: number;
  /** Connections that were opened to it. */
  readonly connections: () => number;
  readonly sockets: ReadonlySet<Socket>;
}

/** A server on loopback, which ends with the test. */
export async function serverOf(
  listener: RequestListener,
  { host = '127.0.0.1', secure = false, ...more }: { host?: string; secure?: boolean; maxHeaderSize?: number } = {},
): Promise<TestServer> {
  const server = secure ? createSecureServer({ key: KEY, cert: CERTIFICATE }, listener) : createServer(more, listener);
  return listening(server, host);
}

/** Lets a server of any kind listen, until the test ends. */
export async function listening(
  server: Pick<Server, 'listen' | 'on' | 'close' | 'address'>,
  host = '127.0.0.1',
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections, sockets };
}

/** A server that tells what it was asked. */
export function echo(request: IncomingMessage): Promise<string> {
  return buffer(request).then((body) =>
    JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body: body.toString() }),
  );
}

interface TestEgress {
  readonly outcomes: EgressOutcome[];
  readonly ask: (url: string, more?: Partial<HttpRequest>, within?: Partial<Within>) => Promise<EgressAnswer>;
}

/** A grant with its connections, which end with the test. `names` is all that there is of DNS. */
export function egressOf(
  hosts: readonly string[],
  {
    names = {},
    ...options
  }: Partial<Omit<EgressOptions, 'hosts'>> & { names?: Readonly<Record<string, readonly string[]>> } = {},
): TestEgress {
  const outcomes: EgressOutcome[] = [];
  const egress = makeEgress({
    hosts: hosts.map((written) => hostGrant.parse(written)),
    bodyLimit: 100_000,
    told: (outcome) => outcomes.push(outcome),
    resolve: (name) => {
      const addresses = names[name];
      if (addresses === undefined) return Promise.reject(Object.assign(new Error(name), { code: 'ENOTFOUND' }));
      return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
    },
    ...options,
  });
  onTestFinished(() => egress.close());
  return {
    outcomes,
    ask: (url, more = {}, within = {}) =>
      egress.request(
        { method: 'GET', url, headers: [], body: null, ...more },
        { deadline: performance.now() + 50_000, signal: new AbortController().signal, ...within },
      ),
  };
}

/** The body of an answer as text. */
export function textOf(answer: EgressAnswer): string {
  if (answer.kind !== 'http') throw new Error(answer.kind === 'refused' ? answer.why : answer.kind);
  return Buffer.from(answer.body).toString();
}
