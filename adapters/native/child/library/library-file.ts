import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { wrongWithElf } from '../../elf/head.js';
import { AT } from '../../protocol/opening.js';
import { Mistake } from '../mistakes.js';
import { copyPrivately } from './private-copy.js';

/** A library by its path and digest; `bytes` are its own where they were brought along. */
export interface LibrarySource {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: Uint8Array | null;
}

export interface CheckedFile {
  /** Those that have the digest: the ones that are going to be loaded. */
  readonly bytes: Uint8Array;
  /** What to give to dlopen. Throws a {@link Mistake} when the library can be loaded from nowhere. */
  loadPath(): string;
  /** Throws when the file is no longer the one that was hashed; to be called once more after the load. */
  confirm(): void;
}

/**
 * What runs is what was hashed. Bytes that were brought along go to where nobody else writes, and are loaded from there.
 * A library that is loaded by its path must lead to the same file right before and right after the load.
 */
export function checkFile(source: LibrarySource): CheckedFile {
  return source.bytes === null ? checkByPath(source) : checkBytes(source, source.bytes);
}

function checkBytes({ path, sha256 }: LibrarySource, bytes: Uint8Array): CheckedFile {
  checkContent(path, sha256, bytes);
  return {
    bytes,
    loadPath() {
      const copy = copyPrivately(bytes, path);
      if (copy === null) throw new Mistake(AT.library, `there is no place to load a copy of ${path} from`);
      // It stays open: unwinders and debuggers open a library by the name that it was loaded by.
      return `/proc/self/fd/${copy}`;
    },
    confirm: () => undefined,
  };
}

function checkByPath({ path, sha256 }: LibrarySource): CheckedFile {
  const fd = open(path);
  const before = fstatSync(fd, { bigint: true });
  if (!before.isFile()) throw new Mistake(AT.library, `${path} is not a regular file`);
  const bytes = readFileSync(fd);
  closeSync(fd);
  checkContent(path, sha256, bytes);
  const confirm = (): void => {
    if (!sameFile(before, statSync(path, { bigint: true })))
      throw changed(path, 'it was written to, or replaced, while it was being loaded');
  };
  return {
    bytes,
    loadPath() {
      confirm();
      return path;
    },
    confirm,
  };
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new Mistake(AT.library, `${path} cannot be read: ${(error as Error).message}`);
  }
}

function checkContent(path: string, sha256: string, bytes: Uint8Array): void {
  const wrong = process.platform === 'linux' ? wrongWithElf(bytes.subarray(0, 64)) : null;
  if (wrong !== null) throw new Mistake(AT.library, `${path} ${wrong}`);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== sha256) throw changed(path, `expected SHA-256 ${sha256}, found ${digest}`);
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
