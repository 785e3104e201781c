import type { Draws } from './draws.js';
import type { Source } from './source.js';

interface ByteOptions {
  /** Whether the function takes text: then every input is text in UTF-8 without NULs. */
  readonly text: boolean;
}

const SHORT = 64;
const LONG = 4 * 1024;
const LONGEST = 64 * 1024;

const WORDS = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

/** Bytes of every kind and length, short ones mostly. */
export function byteSource({ text }: ByteOptions): Source {
  return {
    name: text ? 'text' : 'bytes',
    make(draws) {
      const bytes = anyBytes(draws);
      return text ? asText(bytes) : bytes;
    },
    learn: () => undefined,
  };
}

/** What is no text becomes replacement characters; a C string ends at a NUL. */
export function asText(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('utf8').replaceAll('\0', ' '), 'utf8');
}

export function anyBytes(draws: Draws): Uint8Array {
  const bytes = Buffer.allocUnsafe(lengthBy(draws));
  switch (draws.below(8)) {
    case 0:
      return bytes.fill(draws.pick([0, 0xff, 0x20, 0x30, 0x80]));
    case 1:
      return bytes.fill(draws.below(256));
    case 2:
      for (let at = 0; at < bytes.length; at++) bytes[at] = 32 + draws.below(95);
      return bytes;
    case 3:
      for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.writeUInt32LE(draws.pick(WORDS), at);
      return bytes.fill(0, bytes.length & ~3);
    default:
      return filled(bytes, draws);
  }
}

function lengthBy(draws: Draws): number {
  const luck = draws.below(1_024);
  if (luck === 0) return draws.below(LONGEST + 1);
  if (luck < 16) return draws.below(LONG + 1);
  // Where loops that take several bytes a turn begin and end.
  if (luck < 256) return Math.max(0, 2 ** draws.below(9) + draws.below(3) - 1);
  return draws.below(SHORT + 1);
}

function filled(bytes: Buffer, draws: Draws): Buffer {
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) bytes.writeInt32LE(draws.next(), at);
  for (; at < bytes.length; at++) bytes[at] = draws.below(256);
  return bytes;
}
