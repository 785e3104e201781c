import { anyBytes } from './byte-source.js';
import type { Draws } from './draws.js';

/** Some changes to bytes, of the kinds that parsers meet; `other` is a further input to take parts from. */
export function mutateBytes(bytes: Uint8Array, other: Uint8Array, draws: Draws): Uint8Array {
  let changed: Uint8Array = Uint8Array.from(bytes);
  do changed = mutateOnce(changed, other, draws);
  while (!draws.oneIn(2));
  return changed;
}

function mutateOnce(bytes: Uint8Array, other: Uint8Array, draws: Draws): Uint8Array {
  const at = draws.below(bytes.length + 1);
  const length = Math.min(bytes.length - at, 1 + draws.below(8));
  switch (draws.below(bytes.length === 0 ? 2 : 9)) {
    case 0:
      return spliced(bytes, at, 0, anyBytes(draws).subarray(0, 16));
    case 1: {
      const from = draws.below(other.length + 1);
      return spliced(bytes, at, length, other.subarray(from, from + 1 + draws.below(16)));
    }
    case 2:
      return spliced(bytes, at, length, new Uint8Array());
    case 3:
      return spliced(bytes, at, 0, bytes.subarray(at, at + length));
    case 4:
      return bytes.slice(0, at);
    case 5: {
      const changed = at === bytes.length ? 0 : at;
      bytes[changed] = (bytes[changed] ?? 0) ^ (1 << draws.below(8));
      return bytes;
    }
    case 6:
      bytes[at === bytes.length ? 0 : at] = draws.pick([0, 1, 0x7f, 0x80, 0xff, 0x30, 0x39, 0x22, 0x5c]);
      return bytes;
    case 7:
      // A length or a count, most likely.
      return withWord(bytes, at, draws.pick([0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, draws.below(65_536)]));
    default:
      return spliced(
        bytes,
        at,
        length,
        Uint8Array.from({ length }, () => draws.below(256)),
      );
  }
}

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
}

function withWord(bytes: Uint8Array, at: number, word: number): Uint8Array {
  if (at + 4 > bytes.length) return bytes;
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).setUint32(at, word, true);
  return bytes;
}
