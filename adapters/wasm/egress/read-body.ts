import type { IncomingMessage } from 'node:http';
import { EgressRefused } from './refused.js';

const FIRST_CAPACITY = 64 * 1024;

/** Each piece takes the gateway's own thread for a microsecond: no server needs so many. */
const MOST_PIECES = 200_000;

/**
 * A response's body up to a limit of bytes: what announces more is not read, what turns out to be more is cut off. The bytes
 * are copied as they come: a body of tiny chunks, kept as they are, takes many times its size. Rejects with what
 * `broken` makes of an end that came too early.
 */
export function readBody(
  response: IncomingMessage,
  method: string,
  limit: number,
  broken: (error: Error) => Error,
): Promise<Uint8Array> {
  const announced = method === 'HEAD' ? 0 : Number(response.headers['content-length'] ?? 0);
  return new Promise((resolve, reject) => {
    let bytes = new Uint8Array(Math.min(limit, announced, FIRST_CAPACITY));
    let length = 0;
    let pieces = 0;
    const stop = (what: string): void => {
      reject(new EgressRefused('too-large', `the body of its answer is over the limit of ${what}`));
      response.destroy();
    };
    response.on('error', (error) => reject(broken(error)));
    if (announced > limit) {
      stop(`${limit} bytes`);
      return;
    }
    response.on('data', (chunk: Buffer) => {
      const needed = length + chunk.length;
      if (needed > limit || ++pieces > MOST_PIECES) {
        stop(needed > limit ? `${limit} bytes` : `${MOST_PIECES} pieces`);
        return;
      }
      if (needed > bytes.length) bytes = enlarged(bytes, Math.min(limit, Math.max(needed, 2 * bytes.length)));
      bytes.set(chunk, length);
      length = needed;
    });
    // Not a view of more: whoever posts it to a lane posts all that is behind it.
    response.on('end', () => resolve(length === bytes.length ? bytes : bytes.slice(0, length)));
  });
}

function enlarged(bytes: Uint8Array, capacity: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(capacity);
  larger.set(bytes);
  return larger;
}
