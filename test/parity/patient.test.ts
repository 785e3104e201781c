import { describe, expect, it } from 'vitest';
import type { Ended } from '#src/domain/comparison.js';
import { GaveUp, patient } from '#src/parity/patient.js';

const INPUT = new Uint8Array();
const OK: Ended = { output: INPUT };
const UNAVAILABLE: Ended = { code: 'unavailable', detail: 'it rests', retryAfterMs: 1 };
const NOT_BEGUN: Ended = { code: 'timeout', detail: 'it waited too long', begun: false };

/** A side that answers these in turn, and then only well. */
function sideThatSays(window: number, ...answers: readonly Ended[]) {
  const left = [...answers];
  const seen = { calls: 0, most: 0, now: 0 };
  return {
    seen,
    name: 'legacy' as const,
    window,
    async call() {
      seen.calls += 1;
      seen.now += 1;
      seen.most = Math.max(seen.most, seen.now);
      await new Promise((resolve) => setImmediate(resolve));
      seen.now -= 1;
      return left.shift() ?? OK;
    },
  };
}

describe('a patient side', () => {
  it.each([
    ['rests', UNAVAILABLE],
    ['is full', { code: 'overloaded', detail: 'full', retryAfterMs: 1 } as const],
    ['let the time pass before it began', NOT_BEGUN],
  ])('makes a call again when the backend %s', async (_why, answer) => {
    const side = sideThatSays(4, answer, answer);
    expect(await patient(side)('f', INPUT)).toBe(OK);
    expect(side.seen.calls).toBe(3);
  });

  it.each([
    ['crashed', { code: 'crashed', detail: 'SIGSEGV' } as const],
    ['trapped', { code: 'trapped', detail: 'unreachable' } as const],
    ['ran out of time', { code: 'timeout', detail: 'it looped', begun: true } as const],
  ])('makes no call again that %s', async (_why, answer) => {
    const side = sideThatSays(4, answer);
    expect(await patient(side)('f', INPUT)).toBe(answer);
    expect(side.seen.calls).toBe(1);
  });

  it('gives up on a backend that does not come back, and says why', async () => {
    const side = { name: 'wasm' as const, window: 1, call: () => Promise.resolve(UNAVAILABLE) };
    await expect(patient(side, 20)('f', INPUT)).rejects.toThrow(
      new GaveUp('the wasm backend does not come back: it rests'),
    );
  });

  it('lets all calls go when one has waited long enough', async () => {
    const side = { name: 'wasm' as const, window: 2, call: () => Promise.resolve(UNAVAILABLE) };
    const run = patient(side, 100);
    const ended = await Promise.allSettled(Array.from({ length: 20 }, () => run('f', INPUT)));
    expect(ended.every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('never makes more calls at once than the backend takes, and fewer where calls wait too long', async () => {
    const side = sideThatSays(8);
    const run = patient(side);
    await Promise.all(Array.from({ length: 100 }, () => run('f', INPUT)));
    expect(side.seen).toMatchObject({ calls: 100, most: 8 });

    const slow = sideThatSays(8, ...Array.from({ length: 8 }, () => NOT_BEGUN));
    const runSlowly = patient(slow);
    await Promise.all(Array.from({ length: 8 }, () => runSlowly('f', INPUT)));
    slow.seen.most = 0;
    await Promise.all(Array.from({ length: 20 }, () => runSlowly('f', INPUT)));
    expect(slow.seen.most).toBe(1);
  });
});
