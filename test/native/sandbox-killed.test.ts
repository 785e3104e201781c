import { expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { Backend } from '#src/domain/backend.js';
import { callOf, failureOf, textOf } from '../contract/calls.js';
import { buffer, compile, scratch, specOf } from './libraries.js';
import { descendantsOf } from './processes.js';
import { gone, Watch } from './watching.js';

const open = (watch: Watch): Promise<Backend> =>
  openNative({ spares: false, backoff: { baseMs: 1, maxMs: 1 } })(
    specOf(compile('hostile.c', scratch(), 'libhostile.so'), {
      echo: buffer('echo'),
      say_and_wait: buffer('say_and_wait'),
    }),
    watch.report,
  );

const echo = async (backend: Backend): Promise<string> => textOf((await backend.call(callOf('echo', 'next'))).output);

test('whichever process of a sandbox is killed, the call that runs in it fails, and those behind it are answered', async () => {
  const watch = new Watch();
  const backend = await open(watch);
  const processes = descendantsOf(process.pid).length;
  for (let index = 0; index < processes; index++) {
    expect(await echo(backend)).toBe('next');
    const family = descendantsOf(process.pid);
    const said = watch.lines('stdout').length;
    const running = failureOf(backend.call(callOf('say_and_wait', '')));
    const behind = [echo(backend), echo(backend)];
    await watch.until(() => watch.lines('stdout').length > said);
    process.kill(family[index]!, 'SIGKILL');
    expect(await running).toMatchObject({ code: 'crashed', signal: 'SIGKILL' });
    expect(await Promise.all(behind)).toEqual(['next', 'next']);
    await Promise.all(family.map(gone));
  }
  await backend.close();
});

test('signals that a terminal or an init system sends to all processes end none of them', async () => {
  const watch = new Watch();
  const backend = await open(watch);
  const pids = [...watch.pids];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    for (const pid of descendantsOf(process.pid)) process.kill(pid, signal);
  expect(await echo(backend)).toBe('next');
  expect(watch.restarts).toEqual([]);
  expect(watch.pids).toEqual(pids);
  await backend.close();
});
