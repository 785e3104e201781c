import { closeSync, constants, lstatSync, openSync, readlinkSync, type BigIntStats } from 'node:fs';
import { Errno, systemCodeOf } from './errno.js';

/** Bytes of a path, as on Linux; directories that one path may go down; symlinks that may lead on from it. */
const MOST_BYTES = 4096;
const MOST_DEPTH = 128;
const MOST_LINKS = 40;

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Where a guest's path leads: a name in a directory that is held open. */
export interface Place {
  /** For the system's calls. Nothing in it but its last part may be a symlink; so long as that is not followed, it stays inside. */
  readonly path: string;
  /** What was there; null for nothing. */
  readonly stats: BigIntStats | null;
  /** The path says that it means a directory, by a slash at its end. */
  readonly asDirectory: boolean;
  /** Directories between it and where the path began. */
  readonly depth: number;
}

/**
 * Follows a path below the directory that is open as `root`, part by part, each relative to the directory before it,
 * which is held open: whatever others move or replace meanwhile, no step leaves `root`. Node.js has no `openat`; a path
 * through `/proc/self/fd` is one. A part that is a symlink is read and followed here, the last one only if `follow`.
 */
export function at<Result>(root: number, path: string, follow: boolean, use: (place: Place) => Result): Result {
  const held: number[] = [];
  try {
    return use(find(root, path, follow, held));
  } finally {
    held.forEach((fd) => closeSync(fd));
  }
}

/** `held` are the directories below `root` that the path has gone down into. */
function find(root: number, path: string, follow: boolean, held: number[]): Place {
  if (path === '') throw new Errno('ENOENT');
  const left = partsOf(path);
  let links = 0;
  let end: Place | null = null;

  const into = (link: string): void => {
    if (++links > MOST_LINKS) throw new Errno('ELOOP');
    left.push(...partsOf(readlinkSync(link)));
  };

  while (end === null) {
    const here = `/proc/self/fd/${held.at(-1) ?? root}`;
    const part = left.pop();
    if (part === undefined)
      end = {
        path: `${here}/.`,
        stats: lstatSync(`${here}/.`, { bigint: true }),
        asDirectory: true,
        depth: held.length,
      };
    else if (part === '..') leave(held);
    else if (part !== '' && part !== '.') {
      const there = `${here}/${part}`;
      if (!left.every((rest) => rest === '' || rest === '.')) {
        if (!enter(there, held)) into(there);
        continue;
      }
      const asDirectory = left.length > 0;
      const stats = lstatSync(there, { bigint: true, throwIfNoEntry: false }) ?? null;
      if (stats?.isSymbolicLink() === true && (follow || asDirectory)) into(there);
      else end = { path: there, stats, asDirectory, depth: held.length };
    }
  }
  return end;
}

/** The parts of a path in reverse. */
function partsOf(path: string): string[] {
  if (path.startsWith('/')) throw new Errno('ENOTCAPABLE');
  if (path.includes('\0')) throw new Errno('EINVAL');
  if (path.length > MOST_BYTES) throw new Errno('ENAMETOOLONG');
  return path.split('/').reverse();
}

function leave(held: number[]): void {
  const fd = held.pop();
  if (fd === undefined) throw new Errno('ENOTCAPABLE');
  closeSync(fd);
}

/** Goes down into a directory; answers false for a symlink. */
function enter(path: string, held: number[]): boolean {
  if (held.length >= MOST_DEPTH) throw new Errno('ENAMETOOLONG');
  try {
    held.push(openSync(path, DIRECTORY));
    return true;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code !== 'ENOTDIR' && code !== 'ELOOP') throw error;
    // A symlink is none of the directories that may be opened here; neither is a file.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) return false;
    throw error;
  }
}
