import { findInProcess, libc } from '../libc.js';
import { allocate } from './memory.js';
import { BadOutput } from './misfit.js';
import type { Pointer } from '../pointer.js';

const memcpy = findInProcess('memcpy', 'void *', ['void *', 'void *', 'size_t']);

export function copyBytes(to: Pointer, from: Pointer, length: number): void {
  memcpy?.(to, from, length);
}

/** A C string's bytes, copied. Throws {@link BadOutput} when its end is not within `limit` bytes. */
export function readText(text: Pointer, limit: number): Buffer {
  const length = libc.strnlen(text, limit + 1);
  if (length > limit) throw new BadOutput(`it returned a text of more than ${limit} bytes`);
  return readBytes(text, length);
}

/** At most the first `most` bytes of a C string. */
export function readStart(text: Pointer, most: number): Buffer {
  return readBytes(text, libc.strnlen(text, most));
}

/** A copy of foreign memory. */
export function readBytes(from: Pointer, length: number): Buffer {
  const { address, bytes } = allocate(length);
  copyBytes(address, from, length);
  return bytes;
}
