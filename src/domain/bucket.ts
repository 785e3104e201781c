/** Buckets are 0 … 9999: one hundredth of a percent each. */
export const BUCKETS = 10_000;

/**
 * The bucket of a sticky key: {@link murmur3} over the plugin's name, a NUL and the key's bytes, modulo 10,000. It may
 * NEVER change: every replica and every restart must draw the same keys, or tenants hop between backends.
 * `test/domain/bucket.test.ts` holds golden values.
 *
 * Both are byte strings (one char code, 0 … 255, a byte), as `node:http` hands over header values.
 */
export function bucketOf(plugin: string, key: string): number {
  return murmur3(`${plugin}\0${key}`) % BUCKETS;
}

/** MurmurHash3, x86, 32 bit, seed 0 (Austin Appleby, public domain) of a byte string. */
export function murmur3(bytes: string): number {
  const { length } = bytes;
  const whole = length & ~3;
  let hash = 0;
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(wordAt(bytes, at, 4));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= scramble(wordAt(bytes, whole, length - whole));

  hash ^= length;
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  hash ^= hash >>> 16;
  return hash >>> 0;
}

/** Up to four bytes as a little-endian word. */
function wordAt(bytes: string, at: number, count: number): number {
  let word = 0;
  for (let index = count - 1; index >= 0; index--) word = (word << 8) | (bytes.charCodeAt(at + index) & 0xff);
  return word;
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
