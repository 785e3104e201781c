import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { AT } from '../protocol/opening.js';
import { wrongWithElf } from './elf.js';
import { Mistake } from './mistakes.js';
import { copyPrivately } from './private-copy.js';

const CHUNK = 256 * 1024;

/** Strings by which a library finds out where it lies: a run path relative to it, or dladdr for files beside it. */
const ASKS_FOR_ITS_PLACE = ['$ORIGIN', '${ORIGIN}', 'dladdr'];
const LONGEST = 16;

export interface CheckedFile {
  /** What to give to dlopen. */
  readonly loadPath: string;
  /** Throws when the file is no longer the one that was hashed; to be called once more after the load. */
  readonly confirm: () => void;
}

/**
 * What runs is what was hashed: the file is copied to where nobody writes, and the copy is hashed and loaded. A library
 * that asks where it lies would be told `/proc/self/fd`, and is loaded by its path instead, if that still leads to the
 * same file right before, and refused if not right after. So is, through its descriptor, one that cannot be copied.
 */
export function checkFile(path: string, sha256: string): CheckedFile {
  const fd = open(path);
  const before = fstatSync(fd, { bigint: true });
  if (!before.isFile()) throw new Mistake(AT.library, `${path} is not a regular file`);
  checkHead(fd, path);
  const copy = process.platform === 'linux' ? copyPrivately(fd, path) : null;
  const { digest, asksForItsPlace } = read(copy ?? fd);
  if (digest !== sha256) throw changed(path, `expected SHA-256 ${sha256}, found ${digest}`);

  const byPath = asksForItsPlace || process.platform !== 'linux';
  if (copy !== null && !byPath) {
    closeSync(fd);
    // The copy stays open: unwinders and debuggers open a library by the name that it was loaded by.
    return { loadPath: `/proc/self/fd/${copy}`, confirm: () => undefined };
  }
  if (copy !== null) closeSync(copy);
  const confirm = (): void => {
    const now = byPath ? statSync(path, { bigint: true }) : fstatSync(fd, { bigint: true });
    if (!sameFile(before, now)) throw changed(path, 'it was written to, or replaced, while it was being loaded');
  };
  confirm();
  return { loadPath: byPath ? path : `/proc/self/fd/${fd}`, confirm };
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new Mistake(AT.library, `${path} cannot be read: ${(error as Error).message}`);
  }
}

/** Before anything is copied: a manifest may name a disk image. */
function checkHead(fd: number, path: string): void {
  if (process.platform !== 'linux') return;
  const head = Buffer.alloc(64);
  const wrong = wrongWithElf(head.subarray(0, readSync(fd, head, 0, head.length, 0)));
  if (wrong !== null) throw new Mistake(AT.library, `${path} ${wrong}`);
}

function read(fd: number): { digest: string; asksForItsPlace: boolean } {
  const hash = createHash('sha256');
  // The end of each chunk is kept in front of the next, so that a string across the border is found.
  const memory = Buffer.allocUnsafeSlow(LONGEST + CHUNK).fill(0, 0, LONGEST);
  let asksForItsPlace = false;
  for (let at = 0; ;) {
    const length = readSync(fd, memory, LONGEST, CHUNK, at);
    if (length === 0) return { digest: hash.digest('hex'), asksForItsPlace };
    at += length;
    hash.update(memory.subarray(LONGEST, LONGEST + length));
    const seen = memory.subarray(0, LONGEST + length);
    asksForItsPlace ||= ASKS_FOR_ITS_PLACE.some((text) => seen.includes(text));
    memory.copyWithin(0, length, LONGEST + length);
  }
}

function sameFile(one: BigIntStats, other: BigIntStats): boolean {
  return (
    one.dev === other.dev &&
    one.ino === other.ino &&
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs &&
    one.ctimeNs === other.ctimeNs
  );
}

function changed(path: string, how: string): Mistake {
  return new Mistake(AT.library, `${path} is not the file that was checked: ${how}`);
}
