import { Call } from '#src/domain/call.js';
import { Deadlines } from '#src/dispatch/deadline.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const due = (deadline: number): Call =>
  new Call({ plugin: 'p', function: 'f', input: new Uint8Array(), deadline, requestId: 'r', role: 'primary' });

describe('Deadlines', () => {
  let now = 0;
  const pass = (ms: number): void => {
    for (const end = now + ms; now < end;) {
      now += 1;
      vi.advanceTimersByTime(1);
    }
  };
  beforeEach(() => {
    now = 1_000_000;
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });
  afterEach(() => vi.useRealTimers());

  it.each([0, 1, 3, 4, 5, 500, 4_096, 10_000])(
    'stops a call that is due in %d ms within 8 ms, and never before',
    (ms) => {
      const deadlines = new Deadlines(() => now);
      const call = due(now + ms);
      deadlines.arm(call);
      pass(ms - 1);
      expect(call.stopped).toBeNull();
      pass(9);
      expect(call.stopped).toBe('timeout');
    },
  );

  it('leaves a cancelled call alone, and its neighbours in the wheel as they were', () => {
    const deadlines = new Deadlines(() => now);
    const calls = [due(now + 50), due(now + 50), due(now + 50)] as const;
    const entries = calls.map((call) => deadlines.arm(call));
    deadlines.cancel(entries[1]!);
    deadlines.cancel(entries[1]!);
    pass(100);
    expect(calls.map((call) => call.stopped)).toEqual(['timeout', null, 'timeout']);
  });

  it('stops everything that fell due while the process was stalled', () => {
    const deadlines = new Deadlines(() => now);
    const calls = Array.from({ length: 200 }, (_, index) => due(now + index * 100));
    for (const call of calls) deadlines.arm(call);
    now += 60_000;
    vi.advanceTimersByTime(4);
    expect(calls.every((call) => call.stopped === 'timeout')).toBe(true);
  });

  it('keeps no timer while nothing is armed', () => {
    const deadlines = new Deadlines(() => now);
    deadlines.cancel(deadlines.arm(due(now + 50)));
    pass(8);
    expect(vi.getTimerCount()).toBe(0);
  });
});
