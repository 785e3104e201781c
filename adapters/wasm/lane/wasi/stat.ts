import type { BigIntStats } from 'node:fs';
import type { GuestMemory } from './guest-memory.js';

export const FILE_TYPE = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  regularFile: 4,
  socket: 6,
  symlink: 7,
} as const;

/** What tells the type of a file, of its status or of its entry in a directory. */
interface Typed {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isCharacterDevice(): boolean;
  isBlockDevice(): boolean;
  isSocket(): boolean;
}

export function fileTypeOf(file: Typed): number {
  if (file.isFile()) return FILE_TYPE.regularFile;
  if (file.isDirectory()) return FILE_TYPE.directory;
  if (file.isSymbolicLink()) return FILE_TYPE.symlink;
  if (file.isCharacterDevice()) return FILE_TYPE.characterDevice;
  if (file.isBlockDevice()) return FILE_TYPE.blockDevice;
  return file.isSocket() ? FILE_TYPE.socket : FILE_TYPE.unknown;
}

/** Writes a `filestat`. */
export function writeStat(memory: GuestMemory, address: number, stats: BigIntStats): void {
  clearStat(memory, address, fileTypeOf(stats));
  memory.setU64(address, stats.dev);
  memory.setU64(address + 8, stats.ino);
  memory.setU64(address + 24, stats.nlink);
  memory.setU64(address + 32, stats.size);
  memory.setU64(address + 40, stats.atimeNs);
  memory.setU64(address + 48, stats.mtimeNs);
  memory.setU64(address + 56, stats.ctimeNs);
}

/** Writes a `filestat` of what has nothing but its type. */
export function clearStat(memory: GuestMemory, address: number, type: number): void {
  memory.bytes(address, 64).fill(0);
  memory.setU8(address + 16, type);
}

const SET_ATIME = 1;
const SET_ATIME_NOW = 2;
const SET_MTIME = 4;
const SET_MTIME_NOW = 8;

/** The times that a file gets, in seconds: those that are not named stay. */
export function timesFor(
  stats: BigIntStats,
  atime: bigint,
  mtime: bigint,
  which: number,
): { readonly atime: number; readonly mtime: number } {
  const now = Date.now() / 1000;
  const choose = (given: bigint, kept: bigint, set: boolean, setNow: boolean): number =>
    setNow ? now : Number(set ? BigInt.asUintN(64, given) : kept) / 1e9;
  return {
    atime: choose(atime, stats.atimeNs, (which & SET_ATIME) !== 0, (which & SET_ATIME_NOW) !== 0),
    mtime: choose(mtime, stats.mtimeNs, (which & SET_MTIME) !== 0, (which & SET_MTIME_NOW) !== 0),
  };
}
