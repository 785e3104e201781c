import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { Rights } from '#src/domain/native.js';
import { Failed } from '#src/domain/failure.js';
import { callOf, textOf } from '../contract/calls.js';
import { buffer, compile, scratch, specOf } from './libraries.js';
import { Watch } from './watching.js';

/** A generator of numbers in [0, 1) that is the same in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const mayWriteIn = (folder: string): Rights => ({
  network: false,
  spawn: false,
  paths: new Map([[folder, `rw:${folder}`]]),
});

/**
 * The library appends each call's number to a file before anything else, so the file holds every call that has begun.
 */
test.each([1, 2, 3])('under kill -9 no call is lost, hangs, or begins twice (pool of %i)', async (poolSize) => {
  const random = randomFrom(poolSize);
  const folder = scratch();
  const file = join(folder, 'tally');
  const watch = new Watch();
  const backend = await openNative({ environment: { TALLY: file }, backoff: { baseMs: 1, maxMs: 5 } })(
    specOf(
      compile('tally.c', folder, 'libtally.so'),
      { tally: buffer('tally') },
      {
        poolSize,
        rights: mayWriteIn(folder),
      },
    ),
    watch.report,
  );

  let kills = 0;
  let answered = 0;
  const crashed = new Set<string>();
  const wrong: string[] = [];
  let next = 0;
  // On a busy machine kills take longer than calls.
  const isOver = (): boolean => next >= 8_000 && kills > 3;
  const caller = async (): Promise<void> => {
    while (!isOver()) {
      const id = `${next++}`.padStart(7, '0');
      try {
        const said = textOf((await backend.call(callOf('tally', `${id}\n`))).output);
        if (said === `${id}\n`) answered += 1;
        else wrong.push(`${id}: ${said}`);
      } catch (error) {
        if (error instanceof Failed && error.failure.code === 'crashed') crashed.add(id);
        else wrong.push(`${id}: ${String(error)}`);
      }
    }
  };
  const killer = async (): Promise<void> => {
    while (!isOver()) {
      const pid = watch.pids[Math.floor(random() * watch.pids.length)];
      if (pid !== undefined) {
        process.kill(pid, 'SIGKILL');
        kills += 1;
        await watch.until(() => !watch.pids.includes(pid));
      }
      await new Promise((resolve) => setTimeout(resolve, random() * 40));
    }
  };
  await Promise.all([killer(), ...Array.from({ length: backend.window.size }, caller)]);
  await backend.close();

  const begun = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(wrong).toEqual([]);
  expect(answered + crashed.size).toBe(next);
  expect(new Set(begun).size).toBe(begun.length);
  // Every answered call ran; of the crashed ones those that got so far.
  expect(begun.filter((id) => !crashed.has(id)).length).toBe(answered);
  expect(crashed.size).toBeLessThanOrEqual(kills);
});

test('a call that was stopped before it began never begins, and stopping one harms no other', async () => {
  const random = randomFrom(4);
  const folder = scratch();
  const file = join(folder, 'tally');
  const watch = new Watch();
  const backend = await openNative({ environment: { TALLY: file }, backoff: { baseMs: 1, maxMs: 5 } })(
    specOf(
      compile('tally.c', folder, 'libtally.so'),
      { tally: buffer('tally') },
      {
        poolSize: 2,
        rights: mayWriteIn(folder),
      },
    ),
    watch.report,
  );

  const answered = new Set<string>();
  const notBegun = new Set<string>();
  const begunUnheard = new Set<string>();
  const wrong: string[] = [];
  let next = 0;
  // How many of those that are stopped have begun by then is for the machine to say.
  const isOver = (): boolean => next >= 10_000 && notBegun.size > 100 && begunUnheard.size > 3;
  const caller = async (): Promise<void> => {
    while (!isOver()) {
      const id = `${next++}`.padStart(7, '0');
      const call = callOf('tally', `${id}\n`);
      const reply = backend.call(call);
      const draw = random();
      const stop = draw < 0.003 ? 'timeout' : draw < 0.1 ? 'cancelled' : null;
      if (stop !== null) {
        const turns = Math.floor(random() * 8);
        const later = (left: number): unknown => (left === 0 ? call.stop(stop) : setImmediate(() => later(left - 1)));
        later(turns);
      }
      try {
        if (textOf((await reply).output) === `${id}\n`) answered.add(id);
        else wrong.push(id);
      } catch (error) {
        const failure = error instanceof Failed ? error.failure : null;
        const stopped = failure?.code === 'timeout' || failure?.code === 'cancelled';
        if (!stopped || failure.code !== stop) wrong.push(`${id}: ${String(error)}`);
        else if (failure.begun) begunUnheard.add(id);
        else notBegun.add(id);
      }
    }
  };
  await Promise.all(Array.from({ length: backend.window.size }, caller));
  await backend.close();

  const begun = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(wrong).toEqual([]);
  expect(new Set(begun).size).toBe(begun.length);
  expect(begun.filter((id) => notBegun.has(id))).toEqual([]);
  expect(begun.filter((id) => answered.has(id)).length).toBe(answered.size);
  // A child that had no processor for long may seem stuck.
  expect(watch.restarts.filter((cause) => cause !== 'timeout' && cause !== 'stuck')).toEqual([]);
});
