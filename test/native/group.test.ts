import { appendFileSync, copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import { type Backend, Refused } from '#src/domain/backend.js';
import type { NativeSpec } from '#src/domain/native.js';
import { callOf, failureOf, textOf } from '../contract/calls.js';
import { buffer, compile, FAULTY, fixture, scratch, specOf } from './libraries.js';
import { gone, isAlive, Watch } from './watching.js';

const GROUP = { group: 'small' };
const VOWELS = { count: buffer('vowels_count') };

const faulty = (over: Partial<NativeSpec> = {}): NativeSpec =>
  specOf(fixture('faulty'), FAULTY, { plugin: 'faulty', ...GROUP, ...over });
const vowels = (over: Partial<NativeSpec> = {}): NativeSpec =>
  specOf(fixture('vowels'), VOWELS, { plugin: 'vowels', ...GROUP, ...over });

const count = async (backend: Backend): Promise<string> =>
  textOf((await backend.call(callOf('count', 'hello world'))).output);
const echo = async (backend: Backend, input: string): Promise<string> =>
  textOf((await backend.call(callOf('echo', input))).output);

async function refusalOf(opening: Promise<Backend>): Promise<Refused> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error('it was opened');
}

/** Opens each specification, all at once, by one adapter. */
async function openAll(...specs: NativeSpec[]) {
  const open = openNative({ backoff: { baseMs: 1, maxMs: 1 } });
  const watches = specs.map(() => new Watch());
  const backends = await Promise.all(specs.map((spec, index) => open(spec, watches[index]!.report)));
  onTestFinished(async () => {
    await Promise.all(backends.map((backend) => backend.close()));
  });
  return { open, watches, backends };
}

describe('plugins of a group', () => {
  test('share one child, which is loaded once for those that come together', async () => {
    const { watches, backends } = await openAll(faulty(), vowels());
    const [one, other] = backends;
    expect(await echo(one!, 'x')).toBe('x');
    expect(await count(other!)).toBe('{"count":3}');
    expect(watches[0]!.pids).toEqual(watches[1]!.pids);
    expect(watches[0]!.states.filter(({ state }) => state === 'ready').length).toBe(1);
    expect(one!.window).toBe(other!.window);
  });

  test('lose no call but the one that was executing when one of them crashes', async () => {
    const { backends } = await openAll(faulty(), vowels());
    const [one, other] = backends;
    for (let round = 0; round < 20; round++) {
      const crash = failureOf(one!.call(callOf('segfault', '')));
      const behind = Array.from({ length: 8 }, () => count(other!));
      expect(await crash).toMatchObject({ code: 'crashed', signal: 'SIGSEGV' });
      expect(await Promise.all(behind)).toEqual(behind.map(() => '{"count":3}'));
    }
  });

  test('go on while another one comes, and while it leaves again', async () => {
    const { open, watches, backends } = await openAll(vowels());
    const [first] = watches[0]!.pids;
    let calls = 0;
    let ended = false;
    const load = (async () => {
      for (; !ended; calls++) expect(await count(backends[0]!)).toBe('{"count":3}');
    })();
    const guest = await open(faulty(), () => undefined);
    expect(await echo(guest, 'hello')).toBe('hello');
    await gone(first!);
    const shared = watches[0]!.pids;
    await guest.close();
    // Its library is in no process any more.
    expect(shared.some(isAlive)).toBe(false);
    ended = true;
    await load;
    expect(calls).toBeGreaterThan(0);
    expect(watches[0]!.restarts).toEqual([]);
  });

  test('do not suffer from one that cannot be loaded', async () => {
    const { open, watches, backends } = await openAll(vowels());
    const before = watches[0]!.pids;
    const crashes = compile('loading.c', scratch(), 'lib.so', ['-DCRASHES']);
    const refused = await refusalOf(
      open(specOf(crashes, { die: buffer('die') }, { plugin: 'dies', ...GROUP }), () => undefined),
    );
    expect(refused.problems).toMatchObject([{ pointer: '/backends/legacy/library' }]);
    expect(watches[0]!.pids).toEqual(before);
    expect(watches[0]!.restarts).toEqual([]);
    expect(await count(backends[0]!)).toBe('{"count":3}');
  });

  test('are told apart when several come together and some are refused', async () => {
    const open = openNative();
    const crashes = compile('loading.c', scratch(), 'lib.so', ['-DCRASHES']);
    const lacking = { plugin: 'lacking', ...GROUP };
    const [good, missing, dies] = await Promise.allSettled([
      open(vowels(), () => undefined),
      open(specOf(fixture('vowels'), { no: buffer('no_such_symbol') }, lacking), () => undefined),
      open(specOf(crashes, { die: buffer('die') }, { plugin: 'dies', ...GROUP }), () => undefined),
    ]);
    expect([good.status, missing.status, dies.status]).toEqual(['fulfilled', 'rejected', 'rejected']);
    if (missing.status === 'rejected')
      expect(missing.reason).toMatchObject({ problems: [{ pointer: '/backends/legacy/functions/no/symbol' }] });
    if (good.status === 'fulfilled') {
      expect(await count(good.value)).toBe('{"count":3}');
      await good.value.close();
    }
  });

  test('that differ in what belongs to a process have children of their own, and are told why', async () => {
    const other = faulty({
      memory: 256 * 1024 * 1024,
      rights: { network: true, spawn: false, paths: new Map() },
      config: new Map([['MODE', 'b']]),
    });
    const { watches, backends } = await openAll(vowels({ config: new Map([['MODE', 'a']]) }), other);
    expect(await count(backends[0]!)).toBe('{"count":3}');
    expect(await echo(backends[1]!, 'x')).toBe('x');
    expect(watches[0]!.pids).not.toEqual(watches[1]!.pids);
    const [said] = watches[1]!.lines('log');
    expect([...(said ?? '').matchAll(/`([\w.]+)`/g)].map(([, word]) => word)).toEqual([
      'hosts',
      'memory',
      'config.MODE',
    ]);
  });

  test('can all change what belongs to a process, beside those that they replace', async () => {
    const { open, backends } = await openAll(vowels(), faulty());
    const watches = [new Watch(), new Watch()];
    const after = await Promise.all(
      [vowels({ poolSize: 2 }), faulty({ poolSize: 2 })].map((spec, index) => open(spec, watches[index]!.report)),
    );
    onTestFinished(async () => {
      await Promise.all(after.map((backend) => backend.close()));
    });
    expect(watches[0]!.pids).toEqual(watches[1]!.pids);
    expect(await count(backends[0]!)).toBe('{"count":3}');
    expect(await count(after[0]!)).toBe('{"count":3}');
  });

  test('go on with the library that they have loaded while its successor comes, which has another file in its place', async () => {
    const path = join(scratch(), 'libvowels.so');
    copyFileSync(fixture('vowels'), path);
    const { open, watches, backends } = await openAll(faulty(), specOf(path, VOWELS, { plugin: 'vowels', ...GROUP }));
    const before = watches[1]!.pids;
    rmSync(path);
    copyFileSync(fixture('vowels'), path);
    appendFileSync(path, 'another build');
    const successor = await open(specOf(path, VOWELS, { plugin: 'vowels', ...GROUP }), () => undefined);
    onTestFinished(() => successor.close());
    expect(await count(successor)).toBe('{"count":3}');
    expect(watches[1]!.pids).toEqual(before);
    expect(await count(backends[1]!)).toBe('{"count":3}');
    expect(await echo(backends[0]!, 'x')).toBe('x');
  });

  test('are refused one by one when a library on disk is replaced', async () => {
    const path = join(scratch(), 'libvowels.so');
    copyFileSync(fixture('vowels'), path);
    const { watches, backends } = await openAll(faulty(), specOf(path, VOWELS, { plugin: 'vowels', ...GROUP }));
    writeFileSync(path, 'no library any more');
    expect(await failureOf(backends[0]!.call(callOf('segfault', '')))).toMatchObject({ code: 'crashed' });
    expect(await echo(backends[0]!, 'still here')).toBe('still here');
    await watches[1]!.until((watch) => watch.states.at(-1)?.state === 'refused');
    expect(await failureOf(backends[1]!.call(callOf('count', 'x')))).toMatchObject({ code: 'unavailable' });
  });

  test('can leave while a child is being restarted, and others come in that moment', async () => {
    const { open, backends } = await openAll(faulty());
    const crash = failureOf(backends[0]!.call(callOf('segfault', '')));
    expect(await crash).toMatchObject({ code: 'crashed' });
    const [, guest] = await Promise.all([backends[0]!.close(), open(vowels(), () => undefined)]);
    expect(await count(guest)).toBe('{"count":3}');
    await guest.close();
  });

  test('that all leave at once are not loaded again for those who leave last', async () => {
    const open = openNative();
    const watches = [new Watch(), new Watch(), new Watch()];
    const backends = await Promise.all(
      [faulty(), vowels(), vowels({ plugin: 'again' })].map((spec, index) => open(spec, watches[index]!.report)),
    );
    const [pid] = watches[0]!.pids;
    await Promise.all(backends.map((backend) => backend.close()));
    const pids = watches.flatMap(({ states }) =>
      states.flatMap((state) => (state.state === 'ready' ? state.pids : [])),
    );
    expect(new Set(pids)).toEqual(new Set([pid]));
  });

  test('take no call after they have left', async () => {
    const { open } = await openAll(vowels());
    const guest = await open(faulty(), () => undefined);
    await Promise.all([guest.close(), guest.close()]);
    expect(await failureOf(guest.call(callOf('echo', 'x')))).toMatchObject({ code: 'unavailable' });
  });

  test('can be opened anew after all of them were closed', async () => {
    const { open, backends } = await openAll(vowels());
    await backends[0]!.close();
    const again = await open(vowels(), () => undefined);
    expect(await count(again)).toBe('{"count":3}');
    await again.close();
  });

  test('hold the one whose call overruns its deadline responsible, not the others', async () => {
    const library = compile('hostile.c', scratch(), 'libhostile.so');
    const hostile = specOf(library, { wait: buffer('say_and_wait') }, { plugin: 'hostile', ...GROUP });
    const { watches, backends } = await openAll(hostile, vowels());
    const call = callOf('wait', '');
    const late = failureOf(backends[0]!.call(call));
    const behind = Array.from({ length: 8 }, () => count(backends[1]!));
    await watches[0]!.until((watch) => watch.lines('stdout').includes('begun'));
    call.stop('timeout');
    expect(await late).toMatchObject({ code: 'timeout', begun: true });
    expect(await Promise.all(behind)).toEqual(behind.map(() => '{"count":3}'));
  });
});
