import { randomBytes } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SHARED_MEMORY = '/dev/shm';

/**
 * A file without a name, for this process and those that inherit it. In memory where there is such a place, with room: a
 * page on a disk would be written back every few seconds.
 */
export function openUnlinked(content: Uint8Array | Int32Array): number {
  try {
    return openIn(SHARED_MEMORY, content);
  } catch {
    return openIn(tmpdir(), content);
  }
}

function openIn(folder: string, content: Uint8Array | Int32Array): number {
  const path = join(folder, `banyan-note-${randomBytes(8).toString('hex')}`);
  const fd = openSync(path, 'wx+', 0o600);
  try {
    unlinkSync(path);
    writeSync(fd, content);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
