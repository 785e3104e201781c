import { describe, expect, it } from 'vitest';
import type { Failure } from '#src/domain/failure.js';
import { Failed } from '#src/domain/failure.js';
import { answer, assemble, forever, host, i32, set } from '../assemble.js';
import { replied } from '../asking.js';
import { callOf, failureOf, FAULTY, specOf, textOf } from '../harness.js';
import { isAlive } from '../../native/watching.js';
import { isolate } from './processes.js';

const MANY = { max: 1_000_000, withinMs: 60_000, restMs: 1_000 };

/** Logs its input, and loops for ever. */
const looping = assemble({
  functions: {
    loop: [...host('input_offset'), ...host('log_info'), ...forever, ...i32(0)],
    echo: [...host('input_offset'), ...set(0), ...answer(0), ...i32(0)],
  },
});

describe('a process of lanes that is killed', () => {
  it('costs the call that had begun, with the name of the signal; what had not begun is run in the next one', async () => {
    const { backend, watch } = await isolate(specOf(looping, ['loop', 'echo']), { restarts: MANY });
    const [pid] = watch.pids;
    const running = failureOf(backend, callOf('loop', 'running'));
    await watch.until(() => watch.lines('log').includes('info: running'));
    const inputs = Array.from({ length: 40 }, (_, index) => `behind ${index}`);
    const behind = inputs.map((input) => textOf(backend, callOf('echo', input)));
    process.kill(pid!, 'SIGKILL');
    expect(await running).toEqual({
      code: 'crashed',
      signal: 'SIGKILL',
      detail: 'its process ended by SIGKILL',
    } satisfies Failure);
    expect(await Promise.all(behind)).toEqual(inputs);
    expect(watch.restarts).toEqual(['crash']);
    expect(watch.pids).not.toContain(pid);
    expect(isAlive(pid!)).toBe(false);
  });

  it('again and again, under load, costs no call that had not begun, and none begins twice', async () => {
    const times = new Map<string, number>();
    const { backend, watch } = await isolate(specOf('relay.wasm', ['relay']), {
      restarts: MANY,
      backoff: { baseMs: 1, maxMs: 5 },
      // Whatever begins says so, to somebody who outlives it.
      answer: (request) => {
        const input = request.kind === 'call' ? Buffer.from(request.input).toString() : '';
        times.set(input, (times.get(input) ?? 0) + 1);
        return Promise.resolve(replied(input));
      },
    });
    const KILLS = 5;
    let next = 0;
    let killed = 0;
    let answered = 0;
    let crashed = 0;
    const wrong: string[] = [];
    const caller = async (): Promise<void> => {
      // Some after the last kill, too.
      for (let left = 20; killed < KILLS || left > 0; left -= killed < KILLS ? 0 : 1) {
        const id = String(next++);
        try {
          const said = await textOf(backend, callOf('relay', `tally/note ${id}`));
          const refused = said.startsWith('503 overloaded') && !times.has(id);
          if (refused || (said === `200 ${id}` && times.get(id) === 1)) answered += 1;
          else wrong.push(`${id}: ${said}`);
        } catch (error) {
          if (error instanceof Failed && error.failure.code === 'crashed') crashed += 1;
          else wrong.push(`${id}: ${String(error)}`);
        }
      }
    };
    const killer = async (): Promise<void> => {
      for (; killed < KILLS; killed++) {
        await watch.until(() => watch.pids.length > 0);
        const [pid] = watch.pids;
        // In the middle of something, and never at the same place.
        const before = answered;
        while (answered < before + 40 + 23 * killed) await new Promise(setImmediate);
        process.kill(pid!, 'SIGKILL');
        await watch.until(() => !watch.pids.includes(pid!));
      }
    };
    await Promise.all([killer(), ...Array.from({ length: 2 * backend.window.size }, caller)]);
    expect(wrong).toEqual([]);
    expect(answered + crashed).toBe(next);
    expect([...times.values()].filter((count) => count > 1)).toEqual([]);
    // The calls in its lane, and those of its stand-ins that waited for their answers.
    expect(crashed).toBeLessThanOrEqual(KILLS * 18);
  });

  it('more often than it may is tripped; after the rest one is tried, with one call at a time', async () => {
    const { backend, watch } = await isolate(specOf('faulty.wasm', FAULTY), {
      restarts: { max: 1, withinMs: 60_000, restMs: 300 },
    });
    const kill = async (): Promise<void> => {
      await watch.until(() => watch.pids.length > 0);
      const [pid] = watch.pids;
      process.kill(pid!, 'SIGKILL');
      await watch.until(() => !watch.pids.includes(pid!));
    };
    await kill();
    await kill();
    await watch.until(() => watch.states.at(-1)?.state === 'tripped');
    expect(await failureOf(backend, callOf('echo', 'x'))).toMatchObject({
      code: 'unavailable',
      detail: 'the backend rests after too many restarts (crash (SIGKILL))',
    });
    await watch.until(() => watch.states.at(-1)?.state === 'ready');
    expect(watch.states.at(-1)).toMatchObject({ halfOpen: true });
    const replies = ['a', 'b', 'c'].map((input) => textOf(backend, callOf('echo', input)));
    expect(await Promise.all(replies)).toEqual(['a', 'b', 'c']);
    expect(watch.states.at(-1)).not.toHaveProperty('halfOpen');
    expect(watch.restarts).toEqual(['crash', 'crash']);
  });
});

describe('a process of lanes that does not react', () => {
  it('is ended after the grace, and what had not begun in it is run in the next one', async () => {
    const { backend, watch } = await isolate(specOf('faulty.wasm', FAULTY), { restarts: MANY, graceMs: 200 });
    const [pid] = watch.pids;
    expect(await textOf(backend, callOf('echo', 'warm'))).toBe('warm');
    process.kill(pid!, 'SIGSTOP');
    const late = callOf('echo', 'late');
    const failure = failureOf(backend, late);
    const other = textOf(backend, callOf('echo', 'other'));
    late.stop('timeout');
    expect(await failure).toMatchObject({ code: 'timeout', begun: false });
    expect(await other).toBe('other');
    expect(watch.restarts).toEqual(['stuck']);
    expect(isAlive(pid!)).toBe(false);
  });

  it('answers a call that had begun at its deadline all the same', async () => {
    const { backend, watch } = await isolate(specOf(looping, ['loop', 'echo']), { restarts: MANY, graceMs: 200 });
    const call = callOf('loop', 'begun');
    const failure = failureOf(backend, call);
    await watch.until(() => watch.lines('log').includes('info: begun'));
    process.kill(watch.pids[0]!, 'SIGSTOP');
    call.stop('timeout');
    expect(await failure).toMatchObject({ code: 'timeout', begun: true });
    expect(await textOf(backend, callOf('echo', 'next'))).toBe('next');
    expect(watch.restarts).toEqual(['stuck']);
  });
});

describe('a lane in a process', () => {
  it('is ended by its process at the deadline, and the process goes on', async () => {
    const { backend, watch } = await isolate(specOf(looping, ['loop', 'echo']));
    const pids = [...watch.pids];
    const call = callOf('loop', 'endless');
    const failure = failureOf(backend, call);
    await watch.until(() => watch.lines('log').includes('info: endless'));
    call.stop('timeout');
    expect(await failure).toMatchObject({ code: 'timeout', begun: true });
    expect(await textOf(backend, callOf('echo', 'next'))).toBe('next');
    expect(watch.restarts).toEqual(['timeout']);
    expect(watch.pids).toEqual(pids);
  });

  it('tells of traps, and what it logs', async () => {
    const { backend, watch } = await isolate(specOf('faulty.wasm', FAULTY));
    expect(await failureOf(backend, callOf('segfault'))).toEqual({
      code: 'trapped',
      detail: 'memory access out of bounds',
    });
    await watch.until(() => watch.restarts.length > 0);
    expect(watch.restarts).toEqual(['trap']);
  });
});

it('a backend that is closed leaves no process, whatever that does', async () => {
  const { backend, watch } = await isolate(specOf(looping, ['loop', 'echo']));
  const [pid] = watch.pids;
  const failure = failureOf(backend, callOf('loop', 'running'));
  await watch.until(() => watch.lines('log').includes('info: running'));
  await backend.close();
  expect(await failure).toMatchObject({ code: 'unavailable' });
  expect(isAlive(pid!)).toBe(false);
  expect(watch.states.at(-1)).toEqual({ state: 'unloaded' });
});
