import { closeSync, readdirSync } from 'node:fs';
import { DESCRIPTOR } from '../../protocol/descriptors.js';
import { findInProcess } from '../libc.js';

const F_GETFD = 1;
const F_SETFD = 2;
const FD_CLOEXEC = 1;
const LAST_OF_OURS = Math.max(...Object.values(DESCRIPTOR));

/**
 * Closes what this process was born with besides its channels: descriptors that the gateway itself inherited, perhaps open
 * files. They are those that an exec does not close; this runtime's own are not. The channels are kept from processes that a library starts.
 */
export function closeInherited(): void {
  const fcntl = findInProcess('fcntl', 'int', ['int', 'int', 'int']);
  if (fcntl === null || process.platform !== 'linux') return;
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    if (fd <= LAST_OF_OURS) continue;
    const flags = fcntl(fd, F_GETFD, 0) as number;
    if (flags >= 0 && (flags & FD_CLOEXEC) === 0) closeSync(fd);
  }
  for (const fd of Object.values(DESCRIPTOR)) fcntl(fd, F_SETFD, FD_CLOEXEC);
}
