import { fstatSync } from 'node:fs';
import type { Descriptor, Descriptors, OpenDirectory } from './descriptors.js';
import { answering, Errno } from './errno.js';
import type { GuestMemory } from './guest-memory.js';
import { DIRECTORY_RIGHTS, fileRights, INPUT_RIGHTS, OUTPUT_RIGHTS } from './rights.js';
import { clearStat, FILE_TYPE, writeStat } from './stat.js';

/** Bytes of a `fdstat`. */
const FDSTAT = 24;

/** The functions of WASI that are about descriptors themselves. */
export function descriptorFunctions(memory: GuestMemory, descriptors: Descriptors) {
  const preopened = (fd: number): OpenDirectory => {
    const open = descriptors.get(fd);
    // EBADF ends a guest's search for what it was granted.
    if (open.kind !== 'directory' || !open.preopened) throw new Errno('EBADF');
    return open;
  };

  return {
    fd_close: answering((fd: number) => descriptors.close(fd)),
    fd_renumber: answering((from: number, to: number) => descriptors.renumber(from, to)),
    fd_fdstat_get: answering((fd: number, answer: number) => {
      const { type, flags, rights } = statusOf(descriptors.get(fd));
      memory.bytes(answer, FDSTAT).fill(0);
      memory.setU8(answer, type);
      memory.setU16(answer + 2, flags);
      memory.setU64(answer + 8, rights);
      memory.setU64(answer + 16, rights);
    }),
    // Node.js has no way to change the flags of a file that is open.
    fd_fdstat_set_flags: answering((fd: number, flags: number) => {
      if (flags !== statusOf(descriptors.get(fd)).flags) throw new Errno('ENOTSUP');
    }),
    fd_fdstat_set_rights: answering(() => {
      throw new Errno('ENOTSUP');
    }),
    fd_filestat_get: answering((fd: number, answer: number) => {
      const open = descriptors.get(fd);
      if (open.kind === 'stdin' || open.kind === 'output') clearStat(memory, answer, FILE_TYPE.characterDevice);
      else writeStat(memory, answer, fstatSync(open.fd, { bigint: true }));
    }),
    fd_prestat_get: answering((fd: number, answer: number) => {
      const { grant } = preopened(fd);
      memory.setU32(answer, 0);
      memory.setU32(answer + 4, Buffer.byteLength(grant.guest));
    }),
    fd_prestat_dir_name: answering((fd: number, at: number, length: number) => {
      const name = Buffer.from(preopened(fd).grant.guest);
      if (name.length > length >>> 0) throw new Errno('ENAMETOOLONG');
      memory.bytes(at, name.length).set(name);
    }),
  };
}

function statusOf(open: Descriptor): { readonly type: number; readonly flags: number; readonly rights: bigint } {
  switch (open.kind) {
    case 'stdin':
      return { type: FILE_TYPE.characterDevice, flags: 0, rights: INPUT_RIGHTS };
    case 'output':
      return { type: FILE_TYPE.characterDevice, flags: 0, rights: OUTPUT_RIGHTS };
    case 'directory':
      return { type: FILE_TYPE.directory, flags: 0, rights: DIRECTORY_RIGHTS };
    case 'file':
      return { type: FILE_TYPE.regularFile, flags: open.flags, rights: fileRights(open) };
    default:
      return open satisfies never;
  }
}
