import {
  linkSync,
  lutimesSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import type { Descriptors, OpenDirectory } from './descriptors.js';
import { answering, Errno } from './errno.js';
import type { GuestMemory } from './guest-memory.js';
import { openPath } from './open-path.js';
import { at, type Place } from './place.js';
import { readDirectory } from './read-directory.js';
import { timesFor, writeStat } from './stat.js';

const FOLLOW = 1;

/** The functions of WASI that list a directory or take a path. What changes something is refused where writing is not granted. */
export function pathFunctions(memory: GuestMemory, descriptors: Descriptors) {
  const writable = (fd: number): OpenDirectory => {
    const directory = descriptors.directory(fd);
    if (!directory.grant.writable) throw new Errno('EROFS');
    return directory;
  };

  return {
    fd_readdir: answering((fd: number, into: number, size: number, cookie: bigint, answer: number) => {
      memory.setU32(answer, readDirectory(descriptors.directory(fd), memory.bytes(into, size), cookie));
    }),
    path_open: answering(
      (
        fd: number,
        lookup: number,
        path: number,
        length: number,
        openFlags: number,
        rights: bigint,
        _inheriting: bigint,
        fileFlags: number,
        answer: number,
      ) => {
        const below = descriptors.directory(fd);
        descriptors.ensurePlace();
        memory.setU32(answer, 0);
        const follow = (lookup & FOLLOW) !== 0;
        const wanted = { path: memory.text(path, length), follow, openFlags, rights, fileFlags };
        memory.setU32(answer, descriptors.add(openPath(below, wanted)));
      },
    ),
    path_filestat_get: answering((fd: number, lookup: number, path: number, length: number, answer: number) => {
      at(descriptors.directory(fd).fd, memory.text(path, length), (lookup & FOLLOW) !== 0, (place) => {
        writeStat(memory, answer, existing(place));
      });
    }),
    path_readlink: answering((fd: number, path: number, length: number, into: number, size: number, answer: number) => {
      const target = at(descriptors.directory(fd).fd, memory.text(path, length), false, (place) =>
        readlinkSync(place.path, { encoding: 'buffer' }),
      );
      const fitting = target.subarray(0, size >>> 0);
      memory.bytes(into, fitting.length).set(fitting);
      memory.setU32(answer, fitting.length);
    }),
    path_create_directory: answering((fd: number, path: number, length: number) => {
      at(writable(fd).fd, memory.text(path, length), false, (place) => mkdirSync(place.path));
    }),
    path_remove_directory: answering((fd: number, path: number, length: number) => {
      at(writable(fd).fd, memory.text(path, length), false, (place) => rmdirSync(place.path));
    }),
    path_unlink_file: answering((fd: number, path: number, length: number) => {
      at(writable(fd).fd, memory.text(path, length), false, (place) => {
        if (place.asDirectory && place.stats !== null)
          throw new Errno(existing(place).isDirectory() ? 'EISDIR' : 'ENOTDIR');
        unlinkSync(place.path);
      });
    }),
    path_filestat_set_times: answering(
      (fd: number, lookup: number, path: number, length: number, atime: bigint, mtime: bigint, which: number) => {
        at(writable(fd).fd, memory.text(path, length), (lookup & FOLLOW) !== 0, (place) => {
          const times = timesFor(existing(place), atime, mtime, which);
          lutimesSync(place.path, times.atime, times.mtime);
        });
      },
    ),
    path_rename: answering(
      (fd: number, path: number, length: number, toFd: number, toPath: number, toLength: number) => {
        between(memory.text(path, length), writable(fd), memory.text(toPath, toLength), writable(toFd), renameSync);
      },
    ),
    // Both sides must be writable: a second name in a directory that is would make a file that is not so.
    path_link: answering(
      (fd: number, lookup: number, path: number, length: number, toFd: number, toPath: number, toLength: number) => {
        if ((lookup & FOLLOW) !== 0) throw new Errno('EINVAL');
        between(memory.text(path, length), writable(fd), memory.text(toPath, toLength), writable(toFd), linkSync);
      },
    ),
    path_symlink: answering((target: number, targetLength: number, fd: number, path: number, length: number) => {
      const to = memory.text(target, targetLength);
      at(writable(fd).fd, memory.text(path, length), false, (place) => {
        if (leadsOut(to, place.depth)) throw new Errno('ENOTCAPABLE');
        symlinkSync(to, place.path);
      });
    }),
  };
}

function existing({ stats }: Place): NonNullable<Place['stats']> {
  if (stats === null) throw new Errno('ENOENT');
  return stats;
}

function between(
  from: string,
  below: OpenDirectory,
  to: string,
  toBelow: OpenDirectory,
  run: (from: string, to: string) => void,
): void {
  at(below.fd, from, false, (source) => {
    at(toBelow.fd, to, false, (target) => {
      const directory = existing(source).isDirectory();
      if ((source.asDirectory || target.asDirectory) && !directory) throw new Errno('ENOTDIR');
      run(source.path, target.path);
    });
  });
}

/** Whether a symlink so deep in a grant names what is outside, on its face. Following it would be refused in any case. */
function leadsOut(target: string, depth: number): boolean {
  if (target.startsWith('/')) return true;
  let left = depth;
  for (const part of target.split('/')) {
    if (part === '..') left--;
    else if (part !== '' && part !== '.') left++;
    if (left < 0) return true;
  }
  return false;
}
