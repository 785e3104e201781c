import { randomBytes } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { findInProcess, libc } from '../libc.js';

const LONGEST_NAME = 200;

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** Against more seals, shrinking, growing and writing. */
const ALL_SEALS = 1 | 2 | 4 | 8;

const READ_EXECUTE = 5;
const MAP_PRIVATE = 2;
const MAP_FAILED = 0xffff_ffff_ffff_ffffn;

/**
 * A descriptor of a copy of a library that nothing else can write to, from which code can be run; null where the system allows none.
 * Whoever writes to a file that is mapped changes the code that runs, and whoever shortens it takes it away.
 */
export function copyPrivately(bytes: Uint8Array, path: string): number | null {
  return copyInMemory(bytes, path) ?? copyInTemporaryFolder(bytes);
}

/** Sealed. It takes its size in memory for as long as the process lives. Maps show it by the name of the file. */
export function copyInMemory(bytes: Uint8Array, path: string): number | null {
  const create = findInProcess('memfd_create', 'int', ['void *', 'unsigned int']);
  const seal = findInProcess('fcntl', 'int', ['int', 'int', 'int']);
  if (create === null || seal === null) return null;
  const name = Buffer.concat([Buffer.from(basename(path)).subarray(0, LONGEST_NAME), Buffer.of(0)]);
  const copy = create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING) as number;
  if (copy < 0) return null;
  return keepIf(copy, () => fill(copy, bytes) && seal(copy, F_ADD_SEALS, ALL_SEALS) === 0 && canRun(copy));
}

/** Its name is gone before it is filled, and it stays open for reading alone. */
export function copyInTemporaryFolder(bytes: Uint8Array): number | null {
  const file = openNameless();
  if (file === null) return null;
  const filled = fill(file.writable, bytes);
  closeSync(file.writable);
  return keepIf(file.readable, () => filled && canRun(file.readable));
}

function openNameless(): { writable: number; readable: number } | null {
  const path = join(tmpdir(), `banyan-library-${randomBytes(8).toString('hex')}`);
  try {
    const writable = openSync(path, 'wx', 0o600);
    try {
      return { writable, readable: openSync(path, 'r') };
    } finally {
      unlinkSync(path);
    }
  } catch {
    return null;
  }
}

function keepIf(copy: number, isGood: () => boolean): number | null {
  if (isGood()) return copy;
  closeSync(copy);
  return null;
}

/** False when there is no room. */
function fill(copy: number, bytes: Uint8Array): boolean {
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(copy, bytes, done, bytes.length - done, done);
    return true;
  } catch {
    return false;
  }
}

/** Not on a file system mounted `noexec`, nor where a policy forbids it; dlopen would have to fail to tell. */
function canRun(fd: number): boolean {
  const page = libc.mmap(null, 1, READ_EXECUTE, MAP_PRIVATE, fd, 0);
  if (page === null || page === MAP_FAILED) return false;
  libc.munmap(page, 1);
  return true;
}
