import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { OpenDirectory, OpenFile } from './descriptors.js';
import { Errno } from './errno.js';
import { at, type Place } from './place.js';
import { RIGHT } from './rights.js';

/** Flags of `path_open`. */
const CREATE = 1;
const DIRECTORY = 2;
const EXCLUSIVE = 4;
const TRUNCATE = 8;

/** Flags of an open file. */
export const APPEND = 1;
const DATA_SYNC = 2;
const READ_SYNC = 8;
const SYNC = 16;

/** How something is opened, as the guest's call says it. */
export interface Wanted {
  readonly path: string;
  readonly follow: boolean;
  readonly openFlags: number;
  readonly rights: bigint;
  readonly fileFlags: number;
}

const WRITE_RIGHTS = RIGHT.fdWrite | RIGHT.fdAllocate;
/** Whatever is meant by a name, opening it neither waits nor follows. */
const ALWAYS = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const MODE = 0o666;

/** Opens a file or directory below another one. What a guest may not write in is neither opened for it nor made. */
export function openPath(below: OpenDirectory, wanted: Wanted): OpenDirectory | OpenFile {
  const { grant } = below;
  const creates = (wanted.openFlags & CREATE) !== 0;
  const truncates = (wanted.openFlags & TRUNCATE) !== 0;
  const asDirectory = (wanted.openFlags & DIRECTORY) !== 0;
  const writes = !asDirectory && (wanted.rights & WRITE_RIGHTS) !== 0n;
  if ((creates || truncates || writes) && !grant.writable) throw new Errno('EROFS');
  if (asDirectory && (creates || truncates)) throw new Errno('EINVAL');

  return at(below.fd, wanted.path, wanted.follow, (place) => {
    const isDirectory = place.stats?.isDirectory() === true;
    refuseUnfit(place, { asDirectory, creates, changes: writes || truncates, wanted });
    if (isDirectory) {
      const fd = openSync(place.path, constants.O_RDONLY | constants.O_DIRECTORY | ALWAYS);
      return { kind: 'directory', fd, grant, preopened: false, listing: null };
    }
    const reads = (wanted.rights & RIGHT.fdRead) !== 0n;
    const access = writes || truncates ? (reads ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
    const fd = openSync(place.path, access | ALWAYS | systemFlags(wanted), MODE);
    // By now it may be another file than the one that was looked at.
    if (!fstatSync(fd).isFile()) {
      closeSync(fd);
      throw new Errno('EACCES');
    }
    return { kind: 'file', fd, grant, reads, writes, flags: wanted.fileFlags, position: 0 };
  });
}

interface Intent {
  readonly asDirectory: boolean;
  readonly creates: boolean;
  readonly changes: boolean;
  readonly wanted: Wanted;
}

/** What the system would not refuse, or would do something to before it is seen: devices, pipes, sockets. */
function refuseUnfit({ stats, asDirectory: named }: Place, { asDirectory, creates, changes, wanted }: Intent): void {
  if (stats === null) {
    if (!creates) throw new Errno('ENOENT');
    if (named) throw new Errno('EISDIR');
    return;
  }
  if (creates && (wanted.openFlags & EXCLUSIVE) !== 0) throw new Errno('EEXIST');
  if (stats.isSymbolicLink()) throw new Errno('ELOOP');
  if (stats.isDirectory()) {
    if (changes || creates) throw new Errno('EISDIR');
    return;
  }
  if (asDirectory || named) throw new Errno('ENOTDIR');
  if (!stats.isFile()) throw new Errno('EACCES');
}

function systemFlags({ openFlags, fileFlags }: Wanted): number {
  return (
    flagIf(openFlags & CREATE, constants.O_CREAT) |
    flagIf(openFlags & EXCLUSIVE, constants.O_EXCL) |
    flagIf(openFlags & TRUNCATE, constants.O_TRUNC) |
    flagIf(fileFlags & APPEND, constants.O_APPEND) |
    flagIf(fileFlags & DATA_SYNC, constants.O_DSYNC) |
    flagIf(fileFlags & (READ_SYNC | SYNC), constants.O_SYNC)
  );
}

function flagIf(set: number, flag: number): number {
  return set === 0 ? 0 : flag;
}
