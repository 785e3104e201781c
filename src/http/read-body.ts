import type { IncomingMessage } from 'node:http';
import { headerOf } from './header.js';

const EMPTY = new Uint8Array(0);

/** Hears how reading a body ended; exactly one of the two, or neither when the caller hung up before. */
export interface BodyListener {
  whole(body: Uint8Array): void;
  tooLarge(): void;
}

/** Reads a body of at most `limit` bytes without waiting for more than that. */
export function readBody(request: IncomingMessage, limit: number, listener: BodyListener): void {
  const declared = headerOf(request, 'content-length');
  if (declared !== undefined && Number(declared) > limit) {
    listener.tooLarge();
    return;
  }
  let first: Uint8Array | null = null;
  let rest: Uint8Array[] | null = null;
  let length = 0;
  let ended = false;

  request.on('data', (chunk: Buffer) => {
    if (ended) return;
    length += chunk.length;
    if (length > limit) {
      ended = true;
      first = rest = null;
      listener.tooLarge();
    } else if (first === null) first = chunk;
    else (rest ??= [first]).push(chunk);
  });
  request.on('end', () => {
    if (ended) return;
    ended = true;
    // A small body comes in one piece, and is handed on as it came.
    listener.whole(rest === null ? (first ?? EMPTY) : Buffer.concat(rest, length));
  });
}
