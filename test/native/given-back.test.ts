import { expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import { Failed } from '#src/domain/failure.js';
import { bytesOf, callOf } from '../contract/calls.js';
import { FAULTY, fixture, specOf } from './libraries.js';
import { Watch } from './watching.js';

test.each([3, 5, 16])(
  'no call of %i callers fails because an idle child takes over what waits in a busy one',
  async (callers) => {
    const watch = new Watch();
    const backend = await openNative()(specOf(fixture('faulty'), FAULTY, { poolSize: 2 }), watch.report);
    const inputs = [bytesOf(64, 1), bytesOf(20_000, 2)] as const;
    const wrong: string[] = [];
    let serial = 0;
    const caller = async (): Promise<void> => {
      while (serial < 40_000) {
        serial += 1;
        const input = inputs[serial % 7 === 0 ? 1 : 0];
        try {
          const { output } = await backend.call(callOf('echo', input));
          if (Buffer.compare(output, input) !== 0) wrong.push('other bytes');
        } catch (error) {
          wrong.push(error instanceof Failed ? error.failure.detail : String(error));
        }
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    await backend.close();
    expect(wrong).toEqual([]);
    expect(watch.restarts).toEqual([]);
  },
);
