import { afterEach, describe, expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { Backend } from '#src/domain/backend.js';
import type { Failure } from '#src/domain/failure.js';
import { bytesOf, callOf, callWithin, failureOf, textOf } from '../contract/calls.js';
import { FAULTY, fixture, specOf } from './libraries.js';
import { Watch } from './watching.js';

const MiB = 1024 * 1024;

describe('each fault of a library fails its own call alone', () => {
  let backend: Backend;
  afterEach(() => backend.close());

  test.each([
    ['segfault', { code: 'crashed', signal: 'SIGSEGV', detail: 'it ended by SIGSEGV' }],
    ['abort', { code: 'crashed', signal: 'SIGABRT', detail: 'it ended by SIGABRT' }],
    ['overflow', { code: 'crashed', signal: 'SIGSEGV' }],
    ['exit0', { code: 'crashed', exitCode: 0, detail: 'it ended by exit status 0' }],
    ['loop', { code: 'timeout', begun: true }],
    ['error', { code: 'plugin-error', status: 7, detail: 'failed on purpose' }],
    ['status', { code: 'plugin-error', status: 3, detail: 'the function returned status 3' }],
    ['wild', { code: 'output-too-large', limit: 4 * MiB }],
    ['dangling', { code: 'bad-output' }],
  ])('%s', async (name, expected) => {
    const watch = new Watch();
    backend = await openNative()(specOf(fixture('faulty'), FAULTY, { poolSize: 1 }), watch.report);
    const echo = async (seed: number): Promise<number> => {
      const input = bytesOf(seed * 50, seed);
      return Buffer.compare((await backend.call(callOf('echo', input))).output, input);
    };
    const before = Array.from({ length: 10 }, (_, seed) => echo(seed));
    const fault = name === 'loop' ? overrun(backend) : failureOf(backend.call(callOf(name, 'x')));
    const behind = Array.from({ length: 20 }, (_, seed) => echo(seed));
    expect(await fault).toMatchObject(expected);
    expect(await Promise.all([...before, ...behind])).toEqual(new Array(30).fill(0));
    expect(await echo(100)).toBe(0);
    const survived = expected.code !== 'crashed' && expected.code !== 'timeout';
    expect(watch.restarts).toEqual(survived ? [] : [expected.code === 'timeout' ? 'timeout' : 'crash']);
  });

  test('a leak ends at the memory limit with a crash, and what it took is given back', async () => {
    backend = await openNative()(specOf(fixture('faulty'), FAULTY, { memory: 256 * MiB }), () => undefined);
    const ends: string[] = [];
    // Two rounds: the second shows that a new child has the whole of its memory again.
    for (let round = 0; round < 2; round++) {
      for (let leaks = 0; ; leaks++) {
        const end = await backend.call(callOf('leak', '')).then(
          () => 'ok',
          (error: unknown) => (error as { failure: { code: string } }).failure.code,
        );
        if (end !== 'ok') {
          ends.push(end);
          expect(leaks).toBeGreaterThanOrEqual(3);
          break;
        }
        expect(leaks).toBeLessThan(8);
      }
    }
    expect(ends).toEqual(['crashed', 'crashed']);
    expect(textOf((await backend.call(callOf('echo', 'next'))).output)).toBe('next');
  });

  test('prints reach the log line by line, and never the answers', async () => {
    const watch = new Watch();
    backend = await openNative()(specOf(fixture('faulty'), FAULTY), watch.report);
    expect(textOf((await backend.call(callOf('print', ''))).output)).toBe('printed');
    await watch.until(() => watch.lines('stdout').length >= 2);
    expect(watch.lines('stdout')).toEqual(['faulty: a line by printf', 'faulty: a line by write']);
  });

  test('forty crashes one after the other fail forty calls and no others', async () => {
    const watch = new Watch();
    backend = await openNative({ backoff: { baseMs: 1, maxMs: 1 } })(
      specOf(fixture('faulty'), FAULTY, { poolSize: 2 }),
      watch.report,
    );
    for (let round = 0; round < 20; round++) {
      const faults = ['segfault', 'abort'].map((name) => failureOf(backend.call(callOf(name, ''))));
      const echoes = Array.from({ length: 40 }, (_, seed) => backend.call(callOf('echo', bytesOf(seed, seed))));
      expect((await Promise.all(faults)).map((failure) => failure.code)).toEqual(['crashed', 'crashed']);
      for (const [seed, { output }] of (await Promise.all(echoes)).entries())
        expect(Buffer.compare(output, bytesOf(seed, seed))).toBe(0);
    }
    expect(watch.restarts.length).toBeGreaterThanOrEqual(38);
  });
});

/** Of a call that never ends, at its deadline. A starved child may not have begun it by then: once more. */
async function overrun(backend: Backend): Promise<Failure> {
  for (;;) {
    const failure = await failureOf(callWithin(backend, callOf('loop', 'x', 500)));
    if (failure.code !== 'timeout' || failure.begun) return failure;
  }
}
