import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { NativeOptions } from '#adapters/native/parent/settings.js';
import type { Backend } from '#src/domain/backend.js';
import type { NativeSpec } from '#src/domain/native.js';
import { callOf, failureOf, textOf } from '../contract/calls.js';
import { buffer, compile, FAULTY, fixture, scratch, specOf } from './libraries.js';
import { gone, Watch } from './watching.js';

const echo = async (backend: Backend, input: string): Promise<string> =>
  textOf((await backend.call(callOf('echo', input))).output);

async function opened(over: Partial<NativeSpec> = {}, options: NativeOptions = {}) {
  const watch = new Watch();
  const backend = await openNative(options)(specOf(fixture('faulty'), FAULTY, over), watch.report);
  onTestFinished(() => backend.close());
  return { backend, watch };
}

/** Every process that this one has started, their own included, as long as they run. */
function descendants(): readonly number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') parents.set(Number(entry), Number(parent));
    } catch {
      // It is gone by now.
    }
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === process.pid || isOurs(parents.get(pid)));
  return [...parents.keys()].filter((pid) => pid !== process.pid && isOurs(parents.get(pid)));
}

describe('a child', () => {
  test('is recycled after so many calls, and no call fails', async () => {
    const { backend, watch } = await opened({ recycle: { calls: 100, growth: null } });
    const [first] = watch.pids;
    while (watch.restarts.length < 3) {
      const tokens = Array.from({ length: 16 }, (_, index) => `${watch.restarts.length}-${index}`);
      expect(await Promise.all(tokens.map((token) => echo(backend, token)))).toEqual(tokens);
    }
    await gone(first!);
    expect(watch.restarts.slice(0, 3)).toEqual(['recycled', 'recycled', 'recycled']);
  });

  test('is recycled when its resident memory has grown by so much, and no call fails', async () => {
    const { backend, watch } = await opened({ recycle: { calls: null, growth: 32 * 1024 * 1024 } }, { lookMs: 20 });
    const [first] = watch.pids;
    while (watch.restarts.length === 0) {
      await backend.call(callOf('leak', ''));
      expect(await echo(backend, 'goes on')).toBe('goes on');
    }
    await gone(first!);
    expect(watch.restarts[0]).toBe('recycled');
    expect(await echo(backend, 'still')).toBe('still');
  });

  test('that is recycled answers the call that runs in it', async () => {
    const { backend, watch } = await opened({ recycle: { calls: 1, growth: null } });
    const [first] = watch.pids;
    const answered = echo(backend, 'the first');
    const long = backend.call(callOf('sleep', '300'));
    const behind = Array.from({ length: 5 }, (_, index) => echo(backend, `behind ${index}`));
    expect(await answered).toBe('the first');
    await long;
    expect(await Promise.all(behind)).toEqual([0, 1, 2, 3, 4].map((index) => `behind ${index}`));
    await gone(first!);
  });

  test('whose calls wait behind a slow one gives them to another that is idle', async () => {
    const { backend, watch } = await opened({ poolSize: 2 });
    while (watch.pids.length < 2) await Promise.all([echo(backend, 'a'), echo(backend, 'b'), echo(backend, 'c')]);
    // Both are idle: one of them gets the endless call, and every other one of those that follow.
    const endless = callOf('loop', '', 60_000);
    const running = failureOf(backend.call(endless));
    const others = Array.from({ length: 20 }, (_, index) => echo(backend, `call ${index}`));
    expect(await Promise.all(others)).toEqual(others.map((_, index) => `call ${index}`));
    endless.stop('timeout');
    // On a busy machine it may not even have begun by now.
    expect(await running).toMatchObject({ code: 'timeout' });
  });
});

describe('a child that is to be replaced', () => {
  test('is ended when it is stuck, although nothing runs in it', async () => {
    const open = openNative({ graceMs: 100 });
    const watch = new Watch();
    const group = { group: 'one' };
    const specs = ['first', 'second'].map((plugin) => specOf(fixture('faulty'), FAULTY, { plugin, ...group }));
    const [first, second] = await Promise.all(specs.map((spec) => open(spec, watch.report)));
    onTestFinished(() => first!.close());
    const [pid] = watch.pids;
    process.kill(pid!, 'SIGSTOP');
    const calls = [1, 2, 3].map((index) => echo(first!, `call ${index}`));
    await second!.close();
    expect(await Promise.all(calls)).toEqual(['call 1', 'call 2', 'call 3']);
    await gone(pid!);
  });

  test('goes on serving when no further one can be had', async () => {
    const marker = join(scratch(), 'crash-at-load');
    const library = compile('loading.c', scratch(), 'lib.so', [`-DCRASHES_IF="${marker}"`]);
    const watch = new Watch();
    const backend = await openNative({ backoff: { baseMs: 1, maxMs: 1 } })(
      specOf(
        library,
        { fine: buffer('fine') },
        { containment: 'none', poolSize: 2, restarts: { max: 2, withinMs: 60_000, restMs: 20 } },
      ),
      watch.report,
    );
    onTestFinished(() => backend.close());
    writeFileSync(marker, '');
    const fine = async (): Promise<string> => textOf((await backend.call(callOf('fine', ''))).output);
    // Well over the budget: it is tried again after each rest, and nobody else pays for that.
    while (watch.restarts.length < 6) expect(await Promise.all([fine(), fine()])).toEqual(['ok', 'ok']);
    expect(watch.states.map(({ state }) => state)).not.toContain('tripped');
  });
});

describe('a spare', () => {
  test('takes the place of a child that died, and is followed by another', async () => {
    const { backend, watch } = await opened();
    for (let round = 0; round < 5; round++) {
      const crashed = failureOf(backend.call(callOf('segfault', '')));
      expect(await echo(backend, `round ${round}`)).toBe(`round ${round}`);
      expect(await crashed).toMatchObject({ code: 'crashed' });
    }
    expect(watch.restarts.length).toBe(5);
  });

  test('is shared by all plugins of its profile, and gone with the last of them', async () => {
    const open = openNative();
    const before = descendants().length;
    const lone = openNative({ spares: false });
    const one = await lone(specOf(fixture('faulty'), FAULTY), () => undefined);
    const each = descendants().length - before;
    await one.close();
    const backends = await Promise.all([1, 2, 3].map(() => open(specOf(fixture('faulty'), FAULTY), () => undefined)));
    const crash = failureOf(backends[0]!.call(callOf('segfault', '')));
    expect(await echo(backends[0]!, 'x')).toBe('x');
    await crash;
    // Three children and a spare; one more may be on its way.
    await expect.poll(() => descendants().length - before).toBe(4 * each);
    await Promise.all(backends.map((backend) => backend.close()));
    await expect.poll(() => descendants().length - before).toBe(0);
  });

  test('that dies is replaced, and whoever would have used it does not notice', async () => {
    const { backend, watch } = await opened();
    const isSpare = (pid: number): boolean => !watch.pids.includes(pid);
    await expect.poll(() => descendants().some(isSpare)).toBe(true);
    for (const pid of descendants()) if (isSpare(pid)) process.kill(pid, 'SIGKILL');
    const crash = failureOf(backend.call(callOf('segfault', '')));
    expect(await echo(backend, 'x')).toBe('x');
    await crash;
  });
});
