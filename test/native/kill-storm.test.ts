import { expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import { Failed } from '#src/domain/failure.js';
import { storm } from '../../bench/support/kill-storm.js';
import { bytesOf, callOf } from '../contract/calls.js';
import { FAULTY, fixture, specOf } from './libraries.js';
import { Watch } from './watching.js';

test('kill -9 of fifty children, ten a second, costs the calls that had begun, and the rest are answered', async () => {
  const watch = new Watch();
  const backend = await openNative({ backoff: { baseMs: 1, maxMs: 5 } })(
    specOf(fixture('faulty'), FAULTY, {
      poolSize: 3,
      restarts: { max: 1_000_000, withinMs: 60_000, restMs: 1_000 },
    }),
    watch.report,
  );
  let serial = 0;
  const ask = async (): Promise<string> => {
    const input = bytesOf(++serial % 100 === 0 ? 200_000 : 16 + (serial % 300), serial);
    try {
      const { output } = await backend.call(callOf('echo', input));
      return Buffer.compare(output, input) === 0 ? 'ok' : `call ${serial} was answered other bytes`;
    } catch (error) {
      return error instanceof Failed ? error.failure.code : String(error);
    }
  };
  const damage = await storm({ ask, pids: () => watch.pids, random: Math.random }, 48, 50, 100);
  // eslint-disable-next-line no-console -- the counts belong to the result
  console.log(`kill -9, ten a second: ${JSON.stringify(damage)}`);
  expect(damage.wrong).toEqual([]);
  expect(damage.answered + damage.crashed).toBe(damage.calls);
  // A child runs one call at a time.
  expect(damage.crashed).toBeLessThanOrEqual(damage.kills);
  expect(await ask()).toBe('ok');
  await backend.close();
});
