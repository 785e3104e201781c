import { ERRNO, libc } from '../libc.js';

const POLLIN = 1;
const POLLOUT = 4;

/**
 * After a read or write that failed with `error`: returns when it is worth another try, throws when it never is.
 * The descriptors block, but a library may have changed that, and its signal handlers interrupt.
 */
export function waitUntil(what: 'readable' | 'writable', fd: number, error: number): void {
  if (error === ERRNO.EINTR) return;
  if (error !== ERRNO.EAGAIN) throw new Error(`descriptor ${fd} is not ${what}: error ${error}`);
  const entry = new Uint8Array(8);
  const view = new DataView(entry.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, what === 'readable' ? POLLIN : POLLOUT, true);
  libc.poll(entry, 1, -1);
}
