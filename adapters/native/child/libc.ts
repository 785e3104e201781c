import koffi, { type LibraryHandle } from 'koffi';
import type { Pointer } from './pointer.js';

// What a C program has. koffi's own 2 MiB would turn deep recursion into a crash; it must be set before the first load.
koffi.config({ sync_stack_size: 8 * 1024 * 1024 });

const itself = koffi.load(null);

/** Functions of the C library, called with raw addresses: bodies go from plugin memory to the socket uncopied. */
interface Libc {
  read(fd: number, to: Pointer, length: number): number;
  write(fd: number, from: Pointer, length: number): number;
  writev(fd: number, vectors: Pointer, count: number): number;
  poll(entries: Uint8Array, count: number, timeoutMs: number): number;
  mmap(at: null, length: number, protection: number, flags: number, fd: number, offset: number): Pointer | null;
  munmap(from: Pointer, length: number): number;
  setenv(name: Buffer, value: Buffer, overwrite: number): number;
  strnlen(text: Pointer, most: number): number;
  setrlimit(resource: number, limits: BigUint64Array): number;
  signal(signal: number, action: Pointer): Pointer | null;
  setvbuf(stream: Pointer, buffer: null, mode: number, size: number): number;
}

export const libc: Libc = {
  read: itself.func('read', 'intptr_t', ['int', 'void *', 'size_t']),
  write: itself.func('write', 'intptr_t', ['int', 'void *', 'size_t']),
  writev: itself.func('writev', 'intptr_t', ['int', 'void *', 'int']),
  poll: itself.func('poll', 'int', ['void *', 'unsigned long', 'int']),
  mmap: itself.func('mmap', 'void *', ['void *', 'size_t', 'int', 'int', 'int', 'int64_t']),
  munmap: itself.func('munmap', 'int', ['void *', 'size_t']),
  setenv: itself.func('setenv', 'int', ['void *', 'void *', 'int']),
  strnlen: itself.func('strnlen', 'size_t', ['void *', 'size_t']),
  setrlimit: itself.func('setrlimit', 'int', ['int', 'void *']),
  signal: itself.func('signal', 'void *', ['int', 'void *']),
  setvbuf: itself.func('setvbuf', 'int', ['void *', 'void *', 'int', 'size_t']),
};

/** A function of the C library that not every system has. */
export function findInProcess(
  name: string,
  result: string,
  parameters: (string | ReturnType<typeof koffi.pointer>)[],
): ReturnType<LibraryHandle['func']> | null {
  try {
    return itself.func(name, result, parameters);
  } catch {
    return null;
  }
}

/** The value of a global pointer such as `stdout`; null where there is none. */
export function globalPointer(name: string): Pointer | null {
  try {
    return koffi.decode(itself.symbol(name), 'void *') as Pointer | null;
  } catch {
    return null;
  }
}

/** Where a function of the C library lies. */
export function addressOfSymbol(name: string): Pointer {
  return itself.symbol(name) as Pointer;
}

/** Of memory that stays where it is: typed arrays whose buffer has been used, and Buffers. */
export function addressOf(memory: ArrayBufferView): Pointer {
  return koffi.address(memory) as Pointer;
}

export function errno(): number {
  return koffi.errno();
}

/** Error numbers of this system. */
export const ERRNO = {
  EINTR: koffi.os.errno['EINTR'],
  EAGAIN: koffi.os.errno['EAGAIN'],
  EFAULT: koffi.os.errno['EFAULT'],
};
