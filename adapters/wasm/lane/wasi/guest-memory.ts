import { Errno } from './errno.js';

/** Vectors of one call that are looked at: the system takes no more at once, and a guest goes on with the rest. */
const MOST_VECTORS = 1024;
const VECTOR_BYTES = 8;

// Making one takes longer than decoding a path, and an instance may be made for one call.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A guest's memory as its WASI calls name it. An address outside of it ends the call with EFAULT. */
export class GuestMemory {
  #memory: WebAssembly.Memory | null = null;
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  /** Until then every address is outside. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** The bytes themselves, good until the guest runs on. */
  bytes(address: number, length: number): Uint8Array {
    const start = address >>> 0;
    const end = start + (length >>> 0);
    this.#look();
    if (end > this.#bytes.length) throw new Errno('EFAULT');
    return this.#bytes.subarray(start, end);
  }

  text(address: number, length: number): string {
    // A copy, because a decoder takes no shared memory.
    const bytes = this.bytes(address, length).slice();
    try {
      return decoder.decode(bytes);
    } catch (cause) {
      if (cause instanceof TypeError) throw new Errno('EILSEQ');
      throw cause;
    }
  }

  /** The buffers that a list of addresses and lengths names. */
  vectors(address: number, count: number): Uint8Array[] {
    const taken = Math.min(count >>> 0, MOST_VECTORS);
    const start = address >>> 0;
    const buffers: Uint8Array[] = [];
    for (let at = start; at < start + taken * VECTOR_BYTES; at += VECTOR_BYTES)
      buffers.push(this.bytes(this.u32(at), this.u32(at + 4)));
    return buffers;
  }

  u8(address: number): number {
    return this.#at(address, 1).getUint8(address >>> 0);
  }

  u16(address: number): number {
    return this.#at(address, 2).getUint16(address >>> 0, true);
  }

  u32(address: number): number {
    return this.#at(address, 4).getUint32(address >>> 0, true);
  }

  u64(address: number): bigint {
    return this.#at(address, 8).getBigUint64(address >>> 0, true);
  }

  setU8(address: number, value: number): void {
    this.#at(address, 1).setUint8(address >>> 0, value);
  }

  setU16(address: number, value: number): void {
    this.#at(address, 2).setUint16(address >>> 0, value, true);
  }

  setU32(address: number, value: number): void {
    this.#at(address, 4).setUint32(address >>> 0, value, true);
  }

  setU64(address: number, value: bigint): void {
    this.#at(address, 8).setBigUint64(address >>> 0, value, true);
  }

  #at(address: number, length: number): DataView {
    this.#look();
    if ((address >>> 0) + length > this.#bytes.length) throw new Errno('EFAULT');
    return this.#view;
  }

  /** Memory that has grown is another buffer. */
  #look(): void {
    const buffer = this.#memory?.buffer;
    if (buffer === undefined || buffer === this.#bytes.buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}
