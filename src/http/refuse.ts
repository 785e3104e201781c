import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Failure } from '../domain/failure.js';
import { connectionOf } from './connection.js';
import { problemFor } from './problem.js';

/** How long the rest of a refused body is read and thrown away, so that the caller gets to read the answer. */
const DISCARD_MS = 2_000;

/** Bytes of a refused request's body that are read to the end, so that its connection can go on. */
const DISCARDED_IN_PASSING = 64 * 1024;

/** Who asked for what; `plugin` and `function` once they are known to be names. */
export interface Asked {
  readonly requestId: string;
  readonly plugin: string | null;
  readonly function: string | null;
}

/** Answers a request that is not dispatched, and throws away what comes of its body; answers its status. */
export function refuse(request: IncomingMessage, response: ServerResponse, asked: Asked, failure: Failure): number {
  const problem = problemFor(failure, asked);
  const body = Buffer.from(JSON.stringify(problem.document));
  const headers = { ...problem.headers, 'x-request-id': asked.requestId, 'content-length': body.length };
  request.resume();
  if (failure.code !== 'input-too-large' && !bringsMuch(request)) {
    response.writeHead(problem.status, headers);
    response.end(body);
    return problem.status;
  }
  // Closing with bytes unread would reset the connection, and the caller would never see why (the answer is whole by
  // its length, so the caller need not wait for the close).
  response.writeHead(problem.status, { ...headers, connection: 'close' });
  response.write(body);
  const { socket } = request;
  const connection = connectionOf(socket);
  connection.closing = true;
  // Calls that came before on this connection are answered before it ends.
  const close = setInterval(() => {
    if (!connection.owes) socket.destroy();
  }, DISCARD_MS);
  request.once('end', () => response.end());
  socket.once('close', () => clearInterval(close));
  return problem.status;
}

function bringsMuch(request: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || Number(length ?? 0) > DISCARDED_IN_PASSING;
}
