const MAGIC = [0x00, 0x61, 0x73, 0x6d] as const;
const VERSION_AT = 8;
const MEMORY_SECTION = 5;
const PAGE = 65_536;

const HAS_MAXIMUM = 0x01;
const SHARED = 0x02;
const WIDE = 0x04;

/** Bytes that are not what they should be; the text says what they are instead. */
export class NotWasm extends Error {
  override readonly name = 'NotWasm';
}

export interface Limited {
  readonly bytes: Uint8Array;
  /** Bytes of memory that the module starts with. */
  readonly minimum: number;
}

/**
 * The same module with a maximum of its own memory that is no more than `limit` bytes: the engine then refuses to grow
 * it further. Throws {@link NotWasm}; what else is wrong with a module, its compilation tells.
 */
export function limitMemory(module: Uint8Array, limit: number): Limited {
  if (module.length < VERSION_AT || !MAGIC.every((byte, at) => module[at] === byte))
    throw new NotWasm('is not a WebAssembly module: it does not begin with "\\0asm"');
  const most = Math.min(65_536, Math.floor(limit / PAGE));
  let at = VERSION_AT;
  while (at < module.length) {
    const id = module[at];
    const size = readNumber(module, at + 1);
    const end = size.next + size.value;
    if (end > module.length) throw new NotWasm('is not a whole WebAssembly module: a section runs past its end');
    if (id === MEMORY_SECTION) {
      const { content, minimum } = limitSection(module.subarray(size.next, end), most);
      const header = [MEMORY_SECTION, ...numberBytes(content.length)];
      return { bytes: joined(module.subarray(0, at), header, content, module.subarray(end)), minimum: minimum * PAGE };
    }
    at = end;
  }
  return { bytes: module, minimum: 0 };
}

/** A memory section with every maximum lowered to `most` pages; `minimum` is the largest one. */
function limitSection(section: Uint8Array, most: number): { readonly content: number[]; readonly minimum: number } {
  const count = readNumber(section, 0);
  const content = [...numberBytes(count.value)];
  let minimum = 0;
  let at = count.next;
  for (let index = 0; index < count.value; index++) {
    const flags = section[at] ?? 0;
    if ((flags & WIDE) !== 0) throw new NotWasm('has a memory with 64-bit addresses, which is not supported');
    const least = readNumber(section, at + 1);
    const declared = (flags & HAS_MAXIMUM) === 0 ? null : readNumber(section, least.next);
    at = (declared ?? least).next;
    minimum = Math.max(minimum, least.value);
    // Below the minimum a module would not compile; one that starts over its limit is refused anyhow.
    const maximum = Math.max(least.value, Math.min(most, declared?.value ?? most));
    content.push(HAS_MAXIMUM | (flags & SHARED), ...numberBytes(least.value), ...numberBytes(maximum));
  }
  return { content, minimum };
}

/** An unsigned LEB128 number of at most 32 bits. */
function readNumber(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = start, scale = 1; at < start + 5; at++, scale *= 128) {
    const byte = bytes[at];
    if (byte === undefined) break;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, next: at + 1 };
  }
  throw new NotWasm('is not a whole WebAssembly module: a number in it does not end');
}

function numberBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return bytes;
}

function joined(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
