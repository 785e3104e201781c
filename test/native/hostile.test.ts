import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { NativeOptions } from '#adapters/native/parent/settings.js';
import type { Backend } from '#src/domain/backend.js';
import { Failed } from '#src/domain/failure.js';
import type { NativeSpec } from '#src/domain/native.js';
import { bytesOf, callOf, callWithin, failureOf, textOf } from '../contract/calls.js';
import { buffer, compile, scratch, specOf } from './libraries.js';
import { compileText } from './stable-abi.js';
import { Watch } from './watching.js';

const FUNCTIONS = Object.fromEntries(
  [
    'inject',
    'close_descriptors',
    'shut_calls',
    'unblock_descriptors',
    'catch_signals',
    'move_away',
    'fork_and_die',
    'flood',
    'environment',
    'greedy',
    'say_and_wait',
    'echo',
  ].map((name) => [name, buffer(name)]),
);

let watch: Watch;
let library: string;
beforeEach(() => {
  watch = new Watch();
  library = compile('hostile.c', scratch(), 'libhostile.so');
});

const open = (options: NativeOptions = {}, over: Partial<NativeSpec> = {}): Promise<Backend> =>
  openNative({ backoff: { baseMs: 1, maxMs: 1 }, ...options })(specOf(library, FUNCTIONS, over), watch.report);

const answer = async (backend: Backend, name: string, input: Uint8Array | string = ''): Promise<string> =>
  textOf((await backend.call(callOf(name, input))).output);

const answerOrCode = (backend: Backend, input: string): Promise<string> =>
  answer(backend, 'echo', input).catch((error: unknown) =>
    error instanceof Failed ? error.failure.code : String(error),
  );

/** A header as a child writes it. */
function header(length: number, sequence: number, kind: number, status = 0): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt32LE(sequence, 4);
  bytes.writeUInt32LE(kind, 8);
  bytes.writeInt32LE(status, 12);
  return bytes;
}

describe('what is no answer ends the child that sent it', () => {
  let backend: Backend;
  afterEach(() => backend.close());

  test.each([
    ['noise', Buffer.alloc(64, 0xff)],
    ['a frame of 2 GiB', header(0x7fff_ffff, 1, 0)],
    ['an answer over the limit', header(4 * 1024 * 1024 + 1, 1, 0)],
    ['an answer to a call that was never made', header(0, 0x1234_5678, 0)],
    ['a kind that does not exist', header(0, 1, 77)],
    ['that it was loaded, once more', header(0, 1, 7)],
  ])('%s', async (_what, bytes) => {
    backend = await open();
    const injected = backend.call(callOf('inject', bytes));
    const behind = Array.from({ length: 10 }, (_, seed) => answerOrCode(backend, `call ${seed}`));
    expect((await failureOf(injected)).code).toBe('crashed');
    // What it had begun before the noise was read can't be trusted any more; the rest runs elsewhere.
    for (const [seed, said] of (await Promise.all(behind)).entries())
      expect([`call ${seed}`, 'crashed']).toContain(said);
    expect(await answer(backend, 'echo', 'next')).toBe('next');
    expect(watch.restarts).toEqual(['protocol']);
  });
});

test('a frame that is never finished swallows answers, until a call runs out of time', async () => {
  const backend = await open({ stuckMs: 100 });
  let isOver = false;
  const injected = failureOf(backend.call(callOf('inject', header(100_000, 1, 0)))).finally(() => (isOver = true));
  const behind = answerOrCode(backend, 'behind');
  while (!isOver) await callWithin(backend, callOf('echo', 'late', 300)).catch(() => undefined);
  expect(await injected).toMatchObject({ code: 'crashed' });
  expect(['behind', 'crashed']).toContain(await behind);
  expect(await answer(backend, 'echo', 'next')).toBe('next');
  expect(watch.restarts).toEqual(['stuck']);
  await backend.close();
});

describe('a library that', () => {
  test('closes every descriptor loses its child and its call', async () => {
    const backend = await open();
    const closed = failureOf(backend.call(callOf('close_descriptors', '')));
    const behind = answer(backend, 'echo', 'behind');
    expect(await closed).toMatchObject({ code: 'crashed' });
    expect(await behind).toBe('behind');
    await backend.close();
  });

  test('shuts the channel of calls loses its child, but not a call', async () => {
    const backend = await open();
    const shut = answer(backend, 'shut_calls');
    const behind = Array.from({ length: 10 }, (_, seed) => answer(backend, 'echo', `call ${seed}`));
    expect(await shut).toBe('shut');
    expect(await Promise.all(behind)).toEqual(behind.map((_, seed) => `call ${seed}`));
    await backend.close();
  });

  test.each(['unblock_descriptors', 'catch_signals'])(
    'changes how reads and writes behave (%s) changes nothing',
    async (name) => {
      const backend = await open();
      await answer(backend, name);
      const inputs = Array.from({ length: 30 }, (_, seed) => bytesOf(seed * 70_000, seed));
      const outputs = await Promise.all(inputs.map((input) => backend.call(callOf('echo', input))));
      expect(outputs.map(({ output }, seed) => Buffer.compare(output, inputs[seed]!))).toEqual(inputs.map(() => 0));
      expect(watch.restarts).toEqual([]);
      await backend.close();
    },
  );

  test('leaves its folder and clears its environment changes nothing', async () => {
    const backend = await open();
    expect(await answer(backend, 'move_away')).toBe('moved');
    expect(await answer(backend, 'echo', 'next')).toBe('next');
    await backend.close();
  });

  test('leaves a process behind that holds its channels still crashes at once', async () => {
    const file = join(scratch(), 'pid');
    const backend = await open({}, { containment: 'none' });
    const failure = await failureOf(backend.call(callOf('fork_and_die', file)));
    const left = Number(readFileSync(file, 'utf8'));
    onTestFinished(() => void process.kill(left, 'SIGKILL'));
    expect(failure).toMatchObject({ code: 'crashed', signal: 'SIGABRT' });
    expect(await answer(backend, 'echo', 'next')).toBe('next');
    await backend.close();
  });

  test('prints without end is cut short, and loses neither its calls nor ours', async () => {
    const backend = await open();
    expect(await answer(backend, 'flood')).toBe('flooded');
    await backend.close();
    await watch.until(() => watch.lines('stderr').length > 0);
    expect(watch.lines('stdout').length).toBeLessThan(2_000);
    expect(watch.lines('stdout')[0]).toBe('line 0 of a library that talks too much');
    expect(watch.lines('stdout').join()).toMatch(/\(\d+ lines left out\)/);
    expect(watch.lines('stderr')).toEqual([`${'0'.repeat(4096)}… (cut)`]);
  });

  test('does not come back from freeing its answer is replaced when a call runs out of time behind it', async () => {
    const backend = await open({ stuckMs: 100 }, { free: 'never_return' });
    expect(await answer(backend, 'echo', 'first')).toBe('first');
    expect(await failureOf(callWithin(backend, callOf('echo', 'x', 300)))).toMatchObject({
      code: 'timeout',
      begun: false,
    });
    expect(await answer(backend, 'echo', 'next')).toBe('next');
    expect(watch.restarts).toEqual(['stuck']);
    await backend.close();
  });

  test('is given a budget of memory cannot allocate beyond it', async () => {
    const backend = await open({}, { memory: 128 * 1024 * 1024 });
    expect(await answer(backend, 'greedy')).toBe('denied');
    await backend.close();
    const free = await open();
    expect(await answer(free, 'greedy')).toBe('had');
    await free.close();
  });
});

test('a child that was stopped from outside is replaced when a call runs out of time in it', async () => {
  const backend = await open({ stuckMs: 100 });
  process.kill(watch.pids[0]!, 'SIGSTOP');
  const late = failureOf(callWithin(backend, callOf('echo', 'x', 300)));
  const patient = answer(backend, 'echo', 'patient');
  expect(await late).toMatchObject({ code: 'timeout', begun: false });
  expect(await patient).toBe('patient');
  expect(watch.restarts).toEqual(['stuck']);
  await backend.close();
});

test('a child that goes on in the very moment in which it is given up is not ended with a call in it', async () => {
  const mark = join(scratch(), 'begun');
  const library = compileText(`
    #include <fcntl.h>
    #include <stddef.h>
    #include <stdint.h>
    #include <unistd.h>
    int32_t answer(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len) { return 0; }
    int32_t linger(const uint8_t *in, size_t in_len, uint8_t **out, size_t *out_len)
    {
        close(open("${mark}", O_CREAT | O_WRONLY, 0600));
        while (access("${mark}", F_OK) == 0)
            usleep(1000);
        return 0;
    }`);
  let isLast = false;
  const options: NativeOptions = {
    stuckMs: 100,
    now() {
      // What comes right after this is the last look at it.
      if (isLast) {
        isLast = false;
        process.kill(watch.pids[0]!, 'SIGCONT');
        while (!existsSync(mark));
        setImmediate(() => rmSync(mark));
      }
      return performance.now();
    },
  };
  const functions = { answer: buffer('answer'), linger: buffer('linger') };
  const spec = specOf(library, functions, { containment: 'none' });
  const backend = await openNative(options)(spec, watch.report);
  onTestFinished(() => backend.close());

  process.kill(watch.pids[0]!, 'SIGSTOP');
  const late = failureOf(callWithin(backend, callOf('answer', '', 300)));
  const others = ['answer', 'linger', 'answer'].map((name) => backend.call(callOf(name, '')));
  expect(await late).toMatchObject({ code: 'timeout', begun: false });
  isLast = true;
  expect((await Promise.all(others)).map(({ output }) => output.length)).toEqual([0, 0, 0]);
  expect(watch.restarts).toEqual([]);
});

test('a child that stops reading keeps no input to itself: megabytes that wait for it are answered elsewhere', async () => {
  const backend = await open({ stuckMs: 100 });
  process.kill(watch.pids[0]!, 'SIGSTOP');
  const late = failureOf(callWithin(backend, callOf('echo', bytesOf(1024 * 1024, 99), 300)));
  const inputs = Array.from({ length: 20 }, (_, seed) => bytesOf(1024 * 1024 + seed, seed));
  const patient = inputs.map((input) => backend.call(callOf('echo', input)));
  expect(await late).toMatchObject({ code: 'timeout', begun: false });
  const outputs = await Promise.all(patient);
  expect(outputs.map(({ output }, seed) => Buffer.compare(output, inputs[seed]!))).toEqual(inputs.map(() => 0));
  expect(watch.restarts).toEqual(['stuck']);
  await backend.close();
});

test('a child that was stopped in the middle of a call is ended at the deadline of that call', async () => {
  const backend = await open();
  const call = callOf('say_and_wait', '');
  const running = failureOf(backend.call(call));
  const behind = answer(backend, 'echo', 'behind');
  await watch.until(() => watch.lines('stdout').includes('begun'));
  process.kill(watch.pids[0]!, 'SIGSTOP');
  call.stop('timeout');
  expect(await running).toMatchObject({ code: 'timeout', begun: true });
  expect(await behind).toBe('behind');
  expect(watch.restarts).toEqual(['timeout']);
  await backend.close();
});

test('a child sees little of the gateway’s environment', async () => {
  process.env['BANYAN_TEST_SECRET'] = 'secret';
  const backend = await open();
  expect(await answer(backend, 'environment', 'BANYAN_TEST_SECRET')).toBe('');
  expect(await answer(backend, 'environment', 'HOME')).toBe('');
  expect(await answer(backend, 'environment', 'PATH')).toBe(process.env['PATH']);
  delete process.env['BANYAN_TEST_SECRET'];
  await backend.close();
});
