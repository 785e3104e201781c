import { fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, futimesSync, readvSync, writevSync } from 'node:fs';
import type { Descriptors, OpenFile } from './descriptors.js';
import { answering, Errno } from './errno.js';
import type { GuestMemory } from './guest-memory.js';
import { APPEND } from './open-path.js';
import { timesFor } from './stat.js';

const FROM_START = 0;
const FROM_POSITION = 1;
const FROM_END = 2;

/** The functions of WASI that read and write what is open. */
export function fileFunctions(memory: GuestMemory, descriptors: Descriptors) {
  return {
    fd_read: answering((fd: number, vectors: number, count: number, answer: number) => {
      const buffers = memory.vectors(vectors, count);
      const from = descriptors.get(fd);
      // Its input is empty, always.
      const file = from.kind === 'stdin' ? null : descriptors.file(fd);
      const length = file === null ? 0 : read(file, buffers, file.position);
      memory.setU32(answer, length);
      if (file !== null) file.position += length;
    }),
    fd_pread: answering((fd: number, vectors: number, count: number, offset: bigint, answer: number) => {
      const file = descriptors.file(fd);
      memory.setU32(answer, read(file, memory.vectors(vectors, count), placeOf(offset)));
    }),
    fd_write: answering((fd: number, vectors: number, count: number, answer: number) => {
      const buffers = memory.vectors(vectors, count);
      const to = descriptors.get(fd);
      // Before anything is written: nobody could be told how much it was.
      memory.setU32(answer, 0);
      if (to.kind === 'output') {
        buffers.forEach((bytes) => to.lines.write(bytes));
        memory.setU32(answer, bytesIn(buffers));
        return;
      }
      const file = descriptors.file(fd);
      const length = write(file, buffers, file.position);
      file.position = (file.flags & APPEND) === 0 ? file.position + length : sizeOf(file);
      memory.setU32(answer, length);
    }),
    fd_pwrite: answering((fd: number, vectors: number, count: number, offset: bigint, answer: number) => {
      const file = descriptors.file(fd);
      const buffers = memory.vectors(vectors, count);
      memory.setU32(answer, 0);
      memory.setU32(answer, write(file, buffers, placeOf(offset)));
    }),
    fd_seek: answering((fd: number, offset: bigint, whence: number, answer: number) => {
      const file = descriptors.file(fd);
      const position = BigInt(originOf(file, whence)) + offset;
      if (position < 0n) throw new Errno('EINVAL');
      file.position = placeOf(position);
      memory.setU64(answer, position);
    }),
    fd_tell: answering((fd: number, answer: number) => {
      memory.setU64(answer, BigInt(descriptors.file(fd).position));
    }),
    fd_allocate: answering((fd: number, offset: bigint, length: bigint) => {
      const file = writable(descriptors.file(fd));
      const end = placeOf(BigInt.asUintN(64, offset) + BigInt.asUintN(64, length));
      if (end > sizeOf(file)) ftruncateSync(file.fd, end);
    }),
    fd_filestat_set_size: answering((fd: number, size: bigint) => {
      ftruncateSync(writable(descriptors.file(fd)).fd, placeOf(size));
    }),
    fd_filestat_set_times: answering((fd: number, atime: bigint, mtime: bigint, which: number) => {
      const open = descriptors.get(fd);
      if (open.kind !== 'directory' && open.kind !== 'file') throw new Errno('EINVAL');
      if (!open.grant.writable) throw new Errno('EROFS');
      const times = timesFor(fstatSync(open.fd, { bigint: true }), atime, mtime, which);
      futimesSync(open.fd, times.atime, times.mtime);
    }),
    fd_advise: answering((fd: number) => void descriptors.file(fd)),
    fd_datasync: answering((fd: number) => {
      const open = descriptors.get(fd);
      if (open.kind === 'file' && open.writes) fdatasyncSync(open.fd);
    }),
    fd_sync: answering((fd: number) => {
      const open = descriptors.get(fd);
      if (open.kind === 'file' && open.writes) fsyncSync(open.fd);
    }),
  };
}

function read(file: OpenFile, buffers: readonly Uint8Array[], position: number): number {
  if (!file.reads) throw new Errno('EBADF');
  return bytesIn(buffers) === 0 ? 0 : readvSync(file.fd, buffers, position);
}

function write(file: OpenFile, buffers: readonly Uint8Array[], position: number): number {
  writable(file);
  return bytesIn(buffers) === 0 ? 0 : writevSync(file.fd, buffers, position);
}

function writable(file: OpenFile): OpenFile {
  if (!file.grant.writable) throw new Errno('EROFS');
  if (!file.writes) throw new Errno('EBADF');
  return file;
}

function originOf(file: OpenFile, whence: number): number {
  switch (whence) {
    case FROM_START:
      return 0;
    case FROM_POSITION:
      return file.position;
    case FROM_END:
      return sizeOf(file);
    default:
      throw new Errno('EINVAL');
  }
}

/** A place in a file as the system's calls take it: a number that is none would mean "where the file stands". */
function placeOf(offset: bigint): number {
  const unsigned = BigInt.asUintN(64, offset);
  if (unsigned > BigInt(Number.MAX_SAFE_INTEGER)) throw new Errno('EINVAL');
  return Number(unsigned);
}

function sizeOf(file: OpenFile): number {
  return fstatSync(file.fd).size;
}

function bytesIn(buffers: readonly Uint8Array[]): number {
  return buffers.reduce((length, bytes) => length + bytes.length, 0);
}
