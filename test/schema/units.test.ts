import { bodySize, duration, size } from '#src/schema/units.js';
import { describe, expect, it } from 'vitest';

describe('A duration', () => {
  it.each([
    ['1ms', 1],
    ['500ms', 500],
    ['2s', 2_000],
    ['1.5s', 1_500],
    ['0.001s', 1],
    ['1m', 60_000],
    ['24h', 86_400_000],
  ])('%s is %d milliseconds', (written, ms) => {
    expect(duration.parse(written)).toBe(ms);
  });

  it.each(['0s', '-1s', '1', '1 s', '1S', '0.5ms', '25h', '1d', '', 'ms', '1e3ms', '٣s', 1, null, undefined, ['1s']])(
    'is not %j',
    (written) => {
      expect(duration.safeParse(written).success).toBe(false);
    },
  );
});

describe('A size', () => {
  it.each([
    ['1B', 1],
    ['64KiB', 65_536],
    ['1.5MiB', 1_572_864],
    ['1GiB', 1_073_741_824],
  ])('%s is %d bytes', (written, bytes) => {
    expect(size.parse(written)).toBe(bytes);
  });

  it.each(['0B', '1KB', '1kib', '64', '0.3B', '9007199254740993B', 64, true])('is not %j', (written) => {
    expect(size.safeParse(written).success).toBe(false);
  });

  it('of a body is at most a gibibyte', () => {
    expect(bodySize.safeParse('1GiB').success).toBe(true);
    expect(bodySize.safeParse('1025MiB').success).toBe(false);
  });
});
