import type { Duplex } from 'node:stream';
import { problemFor } from './problem.js';
import { makeRequestId } from './request-id.js';

/** Answers what the HTTP parser could not read, for which there is no response object; answers the status. */
export function answerBrokenRequest(error: Error & { readonly code?: string }, socket: Duplex): number {
  // Without an answer on the wire there is none to give: the caller is gone, or a response is half written.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return 499;
  }
  const [status, line, detail] = lineFor(error.code);
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
