import { lstatSync, readdirSync } from 'node:fs';
import type { DirectoryEntry, OpenDirectory } from './descriptors.js';
import { FILE_TYPE, fileTypeOf } from './stat.js';

/** Bytes of a `dirent`, which its name follows. */
const DIRENT = 24;

const ITSELF = Buffer.from('.');
const ABOVE = Buffer.from('..');

/**
 * Fills `room` with entries from the one that `cookie` names, and answers how much of it is used. What does not fit is cut
 * off, as WASI has it: a full buffer says that there is more.
 */
export function readDirectory(directory: OpenDirectory, room: Uint8Array, cookie: bigint): number {
  // Later parts go on with what the first one found.
  const listing = cookie === 0n || directory.listing === null ? list(directory) : directory.listing;
  directory.listing = listing;
  let used = 0;
  for (let next = Number(BigInt.asUintN(64, cookie)); next < listing.length && used < room.length; next++) {
    const entry = listing[next];
    if (entry === undefined) break;
    used += put(room, used, headOf(directory, entry, next + 1));
    used += put(room, used, entry.name);
  }
  return used;
}

function list({ fd }: OpenDirectory): readonly DirectoryEntry[] {
  const entries = readdirSync(`/proc/self/fd/${fd}`, { withFileTypes: true, encoding: 'buffer' });
  return [
    { name: ITSELF, type: FILE_TYPE.directory },
    { name: ABOVE, type: FILE_TYPE.directory },
    ...entries.map((entry) => ({ name: entry.name, type: fileTypeOf(entry) })),
  ];
}

function headOf({ fd }: OpenDirectory, { name, type }: DirectoryEntry, next: number): Uint8Array {
  // Nothing is said of what is above, which may be outside.
  const inside = name === ABOVE ? ITSELF : name;
  const path = Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), inside]);
  const head = Buffer.alloc(DIRENT);
  head.writeBigUInt64LE(BigInt(next), 0);
  head.writeBigUInt64LE(lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n, 8);
  head.writeUInt32LE(name.length, 16);
  head.writeUInt8(type, 20);
  return head;
}

/** Puts as much as there is room for; answers how much. */
function put(room: Uint8Array, from: number, bytes: Uint8Array): number {
  const fitting = bytes.subarray(0, room.length - from);
  room.set(fitting, from);
  return fitting.length;
}
