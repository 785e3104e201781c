import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import type { Failure } from '#src/domain/failure.js';
import type { Lanes } from '#adapters/wasm/parent/lanes.js';
import { reservedMemories } from './address-space.js';
import { assemble, forever, host, i32 } from './assemble.js';
import { callOf, Events, failureOf, lanesOf, specOf, textOf } from './harness.js';

const unopened = (): undefined => undefined;

function openMany(lanes: Lanes, count: number): Promise<Backend[]> {
  const spec = specOf('vowels.wasm', ['count']);
  return Promise.all(Array.from({ length: count }, () => lanes.open(spec, unopened)));
}

/** Calls one after the other, so many at once; answers the most memories that were reserved at any time. */
async function callInTurn(backends: readonly Backend[], calls: number, atOnce: number): Promise<number> {
  const before = reservedMemories();
  let most = 0;
  for (let done = 0; done < calls; done += atOnce) {
    const some = Array.from({ length: atOnce }, (_, at) => backends[(done + at) % backends.length]!);
    const texts = await Promise.all(some.map((backend) => textOf(backend, callOf('count', 'hello world'))));
    expect(new Set(texts)).toEqual(new Set(['{"count":3}']));
    most = Math.max(most, reservedMemories() - before);
  }
  return most;
}

describe.skipIf(process.platform !== 'linux')('the memories of all lanes', () => {
  it('stay within their budget with more plugins than it has room for, called 20,000 times in turn', async () => {
    const lanes = lanesOf({ lanes: 2, memories: 1_000, tryAtOnce: 0 });
    const most = await callInTurn(await openMany(lanes, 700), 20_000, 16);
    expect(most).toBeGreaterThan(500);
    // What was collected is given back some milliseconds later: a quarter of what a lane has may be on its way.
    expect(most).toBeLessThanOrEqual(1_250);
  }, 300_000);

  it('stay within their budget with many lanes, and each lane may have one instance', async () => {
    const lanes = lanesOf({ lanes: 8, memories: 40, tryAtOnce: 0 });
    const most = await callInTurn(await openMany(lanes, 100), 400, 40);
    expect(most).toBeLessThanOrEqual(40 + 2 * 9 + 10);
  }, 300_000);

  it('are given back by a lane that is ended', async () => {
    const lanes = lanesOf({ lanes: 1, memories: 60, tryAtOnce: 0 });
    const backends = await openMany(lanes, 29);
    const events = new Events();
    const loop = [...host('input_offset'), ...host('log_info'), ...forever, ...i32(0)];
    const endless = await lanes.open(specOf(assemble({ functions: { loop } }), ['loop']), events.report);
    const before = reservedMemories();
    for (let round = 0; round < 4; round++) {
      await callInTurn(backends, 29, 1);
      const call = callOf('loop', `round ${round}`);
      const failure = failureOf(endless, call);
      await events.until(() => events.lines().includes(`info: round ${round}`));
      call.stop('timeout');
      expect(await failure).toMatchObject({ code: 'timeout' });
    }
    await callInTurn(backends, 29, 1);
    // Those of the lane that works, while those of the one before may be on their way.
    expect(reservedMemories() - before).toBeLessThanOrEqual(2 * 60);
  }, 300_000);
});

it('a call that starts an instance in a lane without place for it makes the least recently used ones go', async () => {
  const counting = assemble({
    memory: { minimum: 1 },
    // Adds one to the word at 0 and returns it, as a status.
    functions: { count: [...i32(0), ...i32(0), 0x28, 2, 0, ...i32(1), 0x6a, 0x36, 2, 0, ...i32(0), 0x28, 2, 0] },
  });
  const lanes = lanesOf({ lanes: 1, memories: 8, tryAtOnce: 0 });
  const open = (): Promise<Backend> => lanes.open(specOf(counting, ['count']), new Events().report);
  const [a, b, c, d, e] = [await open(), await open(), await open(), await open(), await open()];
  const statusOf = (backend: Backend): Promise<Failure> => failureOf(backend, callOf('count'));
  for (const backend of [a, b, c, d, a]) await statusOf(backend);
  expect(await statusOf(e)).toMatchObject({ status: 1 });
  expect(await statusOf(a)).toMatchObject({ status: 3 });
  expect(await statusOf(b)).toMatchObject({ status: 1 });
});
