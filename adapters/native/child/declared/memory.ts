import { addressOf } from '../libc.js';
import type { Pointer } from '../pointer.js';

/** Memory that C may read and write: it stays where it is for as long as this object is held. */
export interface Memory {
  readonly address: Pointer;
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** Zeroed, and aligned for every C type. Throws a RangeError when there is none left. */
export function allocate(size: number): Memory {
  const memory = new ArrayBuffer(Math.max(size, 1));
  const bytes = Buffer.from(memory, 0, size);
  return { address: addressOf(new Uint8Array(memory)), bytes, view: new DataView(memory) };
}

/** A C string that stays, in at least so many bytes. */
export function allocateText(text: string, least = 0): Memory {
  const memory = allocate(Math.max(Buffer.byteLength(text) + 1, least));
  memory.bytes.write(text);
  return memory;
}
