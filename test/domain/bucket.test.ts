import { bucketOf, murmur3 } from '#src/domain/bucket.js';
import { describe, expect, it } from 'vitest';

describe('murmur3', () => {
  it.each([
    ['', 0],
    ['test', 0xba6bd213],
    ['Hello, world!', 0xc0363e43],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ])('hashes %j as the reference implementation does', (text, hash) => {
    expect(murmur3(text)).toBe(hash);
  });
});

describe('bucketOf', () => {
  // Golden values: if one of these changes, tenants change sides in every running rollout.
  it.each([
    ['vowels', 'a', 626],
    ['vowels', 'tenant-a', 2880],
    ['pricing', 'tenant-a', 5944],
    ['pricing', 'tenant-b', 6891],
    ['pricing', '', 482],
    ['p', 'k', 6472],
    ['crc', '0', 8159],
    ['image', '\xc3\xa9', 1892],
    ['vowels', 'x'.repeat(100), 4757],
    ['a.b-c_d', '42', 7241],
  ])('puts key %2$j of plugin %1$s where it always was', (plugin, key, bucket) => {
    expect(bucketOf(plugin, key)).toBe(bucket);
  });

  it('spreads keys evenly', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let key = 0; key < 100_000; key++) {
      const tenth = Math.floor(bucketOf('pricing', `tenant-${key}`) / 1000);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    // 10,000 each with a standard deviation of 95; the keys are fixed, so this holds always or never.
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });
});
