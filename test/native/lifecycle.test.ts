import { spawn } from 'node:child_process';
import { appendFileSync, copyFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { Backend } from '#src/domain/backend.js';
import { callOf, failureOf, textOf } from '../contract/calls.js';
import { buffer, compile, FAULTY, fixture, scratch, specOf } from './libraries.js';
import { gone, isAlive, Watch } from './watching.js';

const echo = async (backend: Backend, input: string): Promise<string> =>
  textOf((await backend.call(callOf('echo', input))).output);
const crash = async (backend: Backend): Promise<string> => (await failureOf(backend.call(callOf('segfault', '')))).code;

/** Keeps a pool busy until it has so many children. */
async function grown(backend: Backend, watch: Watch, children: number): Promise<readonly number[]> {
  while (watch.pids.length < children) await Promise.all([1, 2, 3, 4].map(() => echo(backend, 'busy')));
  return [...watch.pids];
}

describe('a backend', () => {
  test('starts one child, and others only when that one is busy', async () => {
    const watch = new Watch();
    const backend = await openNative()(specOf(fixture('faulty'), FAULTY, { poolSize: 2 }), watch.report);
    for (let call = 0; call < 50; call++) await echo(backend, 'alone');
    expect(watch.pids.length).toBe(1);
    expect((await grown(backend, watch, 2)).length).toBe(2);
    await backend.close();
  });

  test('reports its children, and that they are gone', async () => {
    const watch = new Watch();
    const backend = await openNative()(specOf(fixture('faulty'), FAULTY, { poolSize: 3 }), watch.report);
    expect(watch.states.map(({ state }) => state)).toEqual(['loading', 'ready']);
    const pids = await grown(backend, watch, 3);
    expect(new Set(pids).size).toBe(3);
    expect(pids.every(isAlive)).toBe(true);
    await backend.close();
    expect(pids.some(isAlive)).toBe(false);
    expect(watch.states.at(-1)).toEqual({ state: 'unloaded' });
  });

  test('goes on with the children that it has while another is replaced', async () => {
    const watch = new Watch();
    const backend = await openNative()(specOf(fixture('faulty'), FAULTY, { poolSize: 2 }), watch.report);
    const before = await grown(backend, watch, 2);
    process.kill(before[0]!, 'SIGKILL');
    await watch.until(() => !watch.pids.includes(before[0]!));
    expect(watch.states.at(-1)).toMatchObject({ state: 'ready', pids: [before[1]] });
    expect(await echo(backend, 'meanwhile')).toBe('meanwhile');
    await grown(backend, watch, 2);
    expect(watch.pids).toContain(before[1]);
    expect(watch.restarts).toEqual(['crash']);
    await backend.close();
  });

  test('leaves signals that are meant for its gateway to its gateway', async () => {
    const watch = new Watch();
    const backend = await openNative()(specOf(fixture('faulty'), FAULTY), watch.report);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(watch.pids[0]!, signal);
    expect(await echo(backend, 'alive')).toBe('alive');
    await backend.close();
    expect(watch.restarts).toEqual([]);
  });

  test('ends a child that does not leave by itself', async () => {
    const watch = new Watch();
    const library = compile('loading.c', scratch(), 'lib.so', ['-DSTAYS']);
    const backend = await openNative({ graceMs: 100 })(specOf(library, { fine: buffer('fine') }), watch.report);
    const [pid] = watch.pids;
    await backend.call(callOf('fine', ''));
    await backend.close();
    expect(isAlive(pid!)).toBe(false);
  });

  test('leaves no descriptor open behind', async () => {
    const open = (): number => readdirSync('/proc/self/fd').length;
    const backend = await openNative({ backoff: { baseMs: 1, maxMs: 1 } })(
      specOf(fixture('faulty'), FAULTY),
      () => undefined,
    );
    await crash(backend);
    await echo(backend, 'x');
    const before = open();
    for (let crashes = 0; crashes < 10; crashes++) await crash(backend);
    await echo(backend, 'x');
    // What belonged to a child is closed when its end is noticed, which may be after the next call has been answered.
    await expect.poll(open, { timeout: 10_000 }).toBeLessThanOrEqual(before + 2);
    await backend.close();
  });
});

describe('a backend that crashes again and again', () => {
  test('trips when its budget is used up, rests, and then goes on', async () => {
    const watch = new Watch();
    const backend = await openNative({ backoff: { baseMs: 1, maxMs: 1 } })(
      specOf(fixture('faulty'), FAULTY, { restarts: { max: 2, withinMs: 600_000, restMs: 1_500 } }),
      watch.report,
    );
    for (let crashes = 0; crashes < 3; crashes++) expect(await crash(backend)).toBe('crashed');
    const failure = await failureOf(backend.call(callOf('echo', 'x')));
    expect(failure).toMatchObject({ code: 'unavailable', detail: expect.stringMatching(/SIGSEGV/) as string });
    expect(failure).toHaveProperty('retryAfterMs', expect.toSatisfy((ms: number) => ms > 0 && ms <= 1_500) as number);
    const tripped = watch.states.at(-1);
    expect(tripped).toMatchObject({ state: 'tripped', cause: 'crash (SIGSEGV)' });
    if (tripped?.state === 'tripped') expect(Math.abs(tripped.until - tripped.since - 1_500)).toBeLessThan(100);

    await watch.until(() => watch.states.at(-1)?.state === 'ready');
    expect(watch.states.at(-1)).toMatchObject({ halfOpen: true });
    expect(await echo(backend, 'rested')).toBe('rested');
    expect(watch.states.at(-1)).not.toHaveProperty('halfOpen');
    // A new window: it may crash within its budget again.
    expect(await crash(backend)).toBe('crashed');
    expect(await echo(backend, 'again')).toBe('again');
    await backend.close();
  });

  test('fails the calls that wait when it trips', async () => {
    const backend = await openNative()(
      specOf(fixture('faulty'), FAULTY, { restarts: { max: 0, withinMs: 60_000, restMs: 60_000 } }),
      () => undefined,
    );
    const crashed = crash(backend);
    const behind = Array.from({ length: 5 }, () => failureOf(backend.call(callOf('echo', 'x'))));
    expect(await crashed).toBe('crashed');
    expect((await Promise.all(behind)).map(({ code }) => code)).toEqual(behind.map(() => 'unavailable'));
    await backend.close();
  });

  test('rests again when the one child that is tried does not load', async () => {
    const marker = join(scratch(), 'crash-at-load');
    const library = compile('loading.c', scratch(), 'lib.so', [`-DCRASHES_IF="${marker}"`]);
    const watch = new Watch();
    const backend = await openNative({ backoff: { baseMs: 1, maxMs: 1 } })(
      specOf(
        library,
        { die: buffer('die'), fine: buffer('fine') },
        { containment: 'none', poolSize: 2, restarts: { max: 2, withinMs: 60_000, restMs: 50 } },
      ),
      watch.report,
    );
    writeFileSync(marker, '');
    await Promise.all([1, 2].map(() => failureOf(backend.call(callOf('die', '')))));
    const trips = (): number => watch.states.filter(({ state }) => state === 'tripped').length;
    await watch.until(() => trips() >= 3);
    rmSync(marker);
    await watch.until(() => watch.pids.length === 1);
    expect(textOf((await backend.call(callOf('fine', ''))).output)).toBe('ok');
    expect(watch.restarts).toContain('load');
    await backend.close();
  });

  test('keeps calls waiting for its next child as long as their deadline allows', async () => {
    const watch = new Watch();
    const backend = await openNative({ backoff: { baseMs: 1_000, maxMs: 1_000 }, random: () => 0 })(
      specOf(fixture('faulty'), FAULTY),
      watch.report,
    );
    expect(await crash(backend)).toBe('crashed');
    expect(await crash(backend)).toBe('crashed');
    // The second restart comes after 500 ms.
    expect(watch.states.at(-1)).toMatchObject({ state: 'backing-off', cause: 'crash (SIGSEGV)' });
    const hasty = await failureOf(backend.call(callOf('echo', 'x', 50)));
    expect(hasty).toMatchObject({ code: 'unavailable' });
    const impatient = callOf('echo', 'x');
    const given = failureOf(backend.call(impatient));
    impatient.stop('timeout');
    expect(await given).toMatchObject({ code: 'timeout', begun: false });
    expect(await echo(backend, 'patient')).toBe('patient');
    await backend.close();
  });

  test('can be closed while it is backing off', async () => {
    const watch = new Watch();
    const backend = await openNative({ backoff: { baseMs: 600_000, maxMs: 600_000 } })(
      specOf(fixture('faulty'), FAULTY),
      watch.report,
    );
    await crash(backend);
    await crash(backend);
    expect(watch.states.at(-1)?.state).toBe('backing-off');
    const waiting = failureOf(backend.call(callOf('echo', 'x', 3_600_000)));
    await backend.close();
    expect(await waiting).toMatchObject({ code: 'unavailable' });
  });
});

test('a library that was replaced on disk is not restarted: the backend is refused', async () => {
  const path = join(scratch(), 'lib.so');
  copyFileSync(fixture('faulty'), path);
  const watch = new Watch();
  const backend = await openNative()(specOf(path, FAULTY), watch.report);
  // In the place of the old file, as a deployment does it; what is loaded stays what it was.
  rmSync(path);
  copyFileSync(fixture('faulty'), path);
  appendFileSync(path, 'another build');
  expect(await echo(backend, 'still the old one')).toBe('still the old one');
  expect(await crash(backend)).toBe('crashed');
  await watch.until(() => watch.states.at(-1)?.state === 'refused');
  expect(watch.states.at(-1)).toMatchObject({ problems: [{ pointer: '/backends/legacy/library' }] });
  const failure = await failureOf(backend.call(callOf('echo', 'x')));
  expect(failure).toMatchObject({
    code: 'unavailable',
    detail: expect.stringMatching(/not the file that was checked/) as string,
  });
  await backend.close();
});

test('a call whose caller hung up still ends at its deadline, and the calls behind it are answered', async () => {
  const watch = new Watch();
  const library = compile('hostile.c', scratch(), 'libhostile.so');
  const functions = { wait: buffer('say_and_wait'), echo: buffer('echo') };
  const backend = await openNative()(specOf(library, functions), watch.report);
  const unheard = callOf('wait', '', 1_500);
  const reply = failureOf(backend.call(unheard));
  const behind = echo(backend, 'behind');
  await watch.until(() => watch.lines('stdout').includes('begun'));
  unheard.stop('cancelled');
  expect(await reply).toMatchObject({ code: 'cancelled', begun: true });
  expect(await behind).toBe('behind');
  expect(watch.restarts).toEqual(['timeout']);
  await backend.close();
});

test('a gateway that is killed with -9 leaves no child behind, whether it runs a call or waits', async () => {
  const gateway = spawn(
    process.execPath,
    [fileURLToPath(new URL('./gateway.mjs', import.meta.url)), fixture('faulty')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const pids = await new Promise<number[]>((resolve) => {
    gateway.stdout.once('data', (line: Buffer) => resolve(line.toString().trim().split(' ').map(Number)));
  });
  expect(pids.length).toBe(2);
  expect(pids.every(isAlive)).toBe(true);
  gateway.kill('SIGKILL');
  await Promise.all(pids.map(gone));
});
