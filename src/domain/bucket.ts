/** Buckets are 0 … 9999: one hundredth of a percent each. */
export const BUCKETS = 10_000;

/**
 * The bucket of a sticky key: MurmurHash3 (x86, 32 bit, seed 0; public domain, Austin Appleby) over the plugin's name,
 * a NUL and the key's bytes, modulo 10,000. It may NEVER change: every replica and every restart must draw the same
 * keys, or tenants hop between backends. `test/domain/bucket.test.ts` holds the golden values.
 *
 * Strings are byte strings (one char code, 0 … 255, a byte), as `node:http` hands over header values.
 */
export function bucketOf(plugin: string, key: string): number {
  const length = plugin.length + 1 + key.length;
  const byteAt = (index: number): number =>
    index < plugin.length
      ? plugin.charCodeAt(index) & 0xff
      : index === plugin.length
        ? 0
        : key.charCodeAt(index - plugin.length - 1) & 0xff;

  let hash = 0;
  const blocks = length >> 2;
  for (let block = 0; block < blocks; block++) {
    const at = block << 2;
    const word = byteAt(at) | (byteAt(at + 1) << 8) | (byteAt(at + 2) << 16) | (byteAt(at + 3) << 24);
    hash ^= scramble(word);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = length - 1; at >= blocks << 2; at--) tail = (tail << 8) | byteAt(at);
  hash ^= scramble(tail);

  hash ^= length;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return (hash >>> 0) % BUCKETS;
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
