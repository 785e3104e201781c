import type { Duplex } from 'node:stream';
import { connectionOf } from './connection.js';
import { problemFor } from './problem.js';
import { makeRequestId } from './request-id.js';

/** What the parser says of a caller that stopped in the middle of a request. */
const CUT_SHORT = ['ECONNRESET', 'HPE_INVALID_EOF_STATE'];

/**
 * Answers what the HTTP parser could not read, for which there is no response object, once the calls before it on the
 * same connection have their answers. Resolves to the status.
 */
export async function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Duplex): Promise<number> {
  const connection = connectionOf(socket);
  if (!CUT_SHORT.includes(error.code ?? '')) {
    // Requests that came whole in the same packet are heard in this turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    await connection.settled();
    if (!connection.closing && socket.writable) return answer(error.code, socket);
  }
  socket.destroy();
  return 499;
}

function answer(code: string | undefined, socket: Duplex): number {
  const [status, line, detail] = lineFor(code);
  const { document } = problemFor({ code: 'bad-request', detail }, { requestId: makeRequestId() });
  const body = JSON.stringify({ ...document, status });
  socket.end(
    `HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return status;
}

function lineFor(code: string | undefined): readonly [number, string, string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, '431 Request Header Fields Too Large', 'the headers are over 16 KiB'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, '408 Request Timeout', 'the request did not arrive in time'];
    default:
      return [400, '400 Bad Request', 'this is not a well-formed HTTP request'];
  }
}
