import type { Body, ToLane } from '../messages.js';
import { INLINE_BYTES } from '../slots.js';

/** Bytes that may lie idle for the next large call. */
const MOST_IDLE = 32 * 1024 * 1024;

export interface PooledBody {
  readonly id: number;
  readonly buffer: SharedArrayBuffer;
  readonly bytes: Uint8Array;
}

export interface Bodies {
  /** Every body that the lanes know. */
  all(): readonly Body[];
  /** Shared memory of at least so many bytes, until `giveBack`. */
  take(length: number): PooledBody;
  giveBack(body: PooledBody): void;
}

/** Shared memory for what is too large for a slot, in powers of two, used again and again. */
export function makeBodies(tell: (message: ToLane) => void, mostIdle = MOST_IDLE): Bodies {
  const known = new Map<number, PooledBody>();
  const idle = new Map<number, PooledBody[]>();
  let idleBytes = 0;
  let latest = 0;

  return {
    all: () => [...known.values()].map(({ id, buffer }) => ({ id, buffer })),
    take(length) {
      let size = INLINE_BYTES * 2;
      while (size < length) size *= 2;
      const found = idle.get(size)?.pop();
      if (found !== undefined) {
        idleBytes -= size;
        return found;
      }
      const buffer = new SharedArrayBuffer(size);
      const body = { id: ++latest, buffer, bytes: new Uint8Array(buffer) };
      known.set(body.id, body);
      tell({ type: 'body', body: { id: body.id, buffer } });
      return body;
    },
    giveBack(body) {
      const size = body.bytes.length;
      if (idleBytes + size > mostIdle) {
        known.delete(body.id);
        tell({ type: 'forget-body', id: body.id });
        return;
      }
      idleBytes += size;
      const likes = idle.get(size);
      if (likes === undefined) idle.set(size, [body]);
      else likes.push(body);
    },
  };
}
