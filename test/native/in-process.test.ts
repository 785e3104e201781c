import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serialize } from 'node:v8';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openInProcess } from '#adapters/native/in-process/open.js';
import { notAllowedInProcess } from '#adapters/native/in-process/terms.js';
import type { Backend } from '#src/domain/backend.js';
import { Refused } from '#src/domain/backend.js';
import type { NativeSpec } from '#src/domain/native.js';
import type { NativeFunction } from '#src/domain/native-function.js';
import { describeBackendContract, OUTPUT_LIMIT } from '../contract/backend-contract.js';
import { bytesOf, callOf, failureOf, textOf } from '../contract/calls.js';
import { declareAll, declareLife, declareTypes } from './declaring.js';
import { buffer, compile, FAULTY, fixture, scratch, specOf } from './libraries.js';
import { compileText, stableSpec } from './stable-abi.js';
import { Watch } from './watching.js';

const IN_PROCESS = { isolation: 'in-process' } as const;

const COUNTER = `
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
typedef struct counter { int at; } counter;
counter *counter_new(void) { return calloc(1, sizeof(counter)); }
int counter_next(counter *self) { return ++self->at; }
void counter_end(counter *self) { free(self); fclose(fopen(MARK, "w")); }
int fill(uint8_t *to, size_t *length) { memcpy(to, "full", 4); *length = 4; return 0; }
`;

async function open(
  path: string,
  functions: Readonly<Record<string, NativeFunction>>,
  over: Partial<NativeSpec> = {},
): Promise<Backend> {
  const backend = await openInProcess(specOf(path, functions, { ...IN_PROCESS, ...over }), () => undefined);
  onTestFinished(() => backend.close());
  return backend;
}

async function problemsOf(over: Partial<NativeSpec>, path = fixture('vowels')) {
  const spec = specOf(path, { count: buffer('vowels_count') }, { ...IN_PROCESS, ...over });
  const opened: unknown = await openInProcess(spec, () => undefined).catch((error: unknown) => error);
  if (opened instanceof Refused) return opened.problems;
  throw new Error('it was not refused', { cause: opened });
}

const answer = async (backend: Backend, name: string, input: Uint8Array | string): Promise<string> =>
  textOf((await backend.call(callOf(name, input))).output);

describeBackendContract('a library in the gateway itself', {
  open: () =>
    openInProcess(specOf(fixture('faulty'), FAULTY, { ...IN_PROCESS, outputLimit: OUTPUT_LIMIT }), () => undefined),
  synchronous: true,
});

describe('a library in the gateway itself', () => {
  test('says what is in force, and warns of what is given up', async () => {
    const watch = new Watch();
    const backend = await openInProcess(
      specOf(fixture('vowels'), { count: buffer('vowels_count') }, IN_PROCESS),
      watch.report,
    );
    expect(watch.states.at(-1)).toEqual({
      state: 'ready',
      pids: [],
      containment: {
        network: 'all',
        files: 'all',
        processes: 'allowed',
        by: [],
        missing: ['it runs in the gateway itself: a crash in it ends the gateway, and no deadline can stop it'],
      },
    });
    expect(watch.events).toContainEqual({
      type: 'output',
      stream: 'log',
      line: expect.stringMatching(/no containment, no deadline/) as string,
    });
    await backend.close();
    expect(watch.states.at(-1)).toEqual({ state: 'unloaded' });
  });

  test('runs in this very process', async () => {
    const path = compile('tally.c', scratch(), 'libtally.so');
    const pid: NativeFunction = {
      convention: 'prototype',
      symbol: 'getpid',
      prototype: 'int getpid(void)',
      args: [],
      result: 'json',
    };
    expect(await answer(await open(path, { pid }), 'pid', '')).toBe(String(process.pid));
  });

  test('gets bodies of many megabytes, and small ones after them', async () => {
    const backend = await open(fixture('faulty'), FAULTY, { outputLimit: 64 * 1024 * 1024 });
    for (const length of [33_554_432, 7, 4_194_303, 4_194_304, 65_535, 65_536, 0]) {
      const input = bytesOf(length, length);
      expect(Buffer.compare((await backend.call(callOf('echo', input))).output, input)).toBe(0);
    }
  });

  test('is not asked when the deadline has passed', async () => {
    const backend = await open(fixture('faulty'), FAULTY);
    expect(await failureOf(backend.call(callOf('echo', 'x', 0)))).toMatchObject({ code: 'timeout', begun: false });
    expect(await answer(backend, 'echo', 'next')).toBe('next');
  });

  test('gets aligned bodies, C strings with a NUL behind them, and members of JSON', async () => {
    const shapes = await open(compile('shapes.c', scratch(), 'libshapes.so', ['-lm']), {
      alignment: declared('uintptr_t alignment(const void *bytes, size_t length)', ['$body', '$length']),
      power: declared('double power(double x, double y)', ['/x', '/y/0']),
      upper: { convention: 'cstring', symbol: 'upper' },
      nothing: { convention: 'cstring', symbol: 'nothing' },
    });
    for (const length of [0, 1, 17, 100_000]) expect(await answer(shapes, 'alignment', bytesOf(length, 1))).toBe('0');
    expect(await answer(shapes, 'power', '{"x": 2, "y": [10]}')).toBe('1024');
    expect(await failureOf(shapes.call(callOf('power', '{"x": 2, "y": ["é"]}')))).toMatchObject({
      code: 'bad-request',
      pointer: '/y/0',
    });
    expect(await answer(shapes, 'upper', 'longer than the next')).toBe('LONGER THAN THE NEXT');
    expect(await answer(shapes, 'upper', 'short')).toBe('SHORT');
    expect(await failureOf(shapes.call(callOf('upper', 'a\0b')))).toMatchObject({ code: 'bad-request' });
    expect(await failureOf(shapes.call(callOf('nothing', 'x')))).toMatchObject({
      code: 'plugin-error',
      detail: 'it returned NULL',
    });
  });

  test('of the stable ABI is handed its configuration, and tells why it failed', async () => {
    const config = new Map([['currency', 'CHF']]);
    const backend = await openInProcess(
      stableSpec(fixture('tariff-1.1'), ['postage', 'echo'], { ...IN_PROCESS, config }),
      () => undefined,
    );
    onTestFinished(() => backend.close());
    expect(await answer(backend, 'postage', '20')).toBe('{"cents":95,"currency":"CHF"}');
    expect(await answer(backend, 'echo', 'a\0b')).toBe('a\0b');
    expect((await failureOf(backend.call(callOf('postage', '2x')))).detail).toContain('byte 1 is no digit');
    expect(process.env['currency']).toBeUndefined();
  });

  test('with a handle makes it when it is opened, and is told when it is closed', async () => {
    const mark = join(scratch(), 'mark');
    const path = compileText(COUNTER, [`-DMARK="${mark}"`]);
    const life = declareLife({
      init: '{ prototype: "struct counter *counter_new(void)" }',
      shutdown: 'counter_end',
    });
    const functions = declareAll({
      next: '{ prototype: "int counter_next(struct counter *self)", args: [$handle], result: json }',
      fill: '{ prototype: "int fill(uint8_t *to, size_t *length)", args: [{ out: body, capacity: "0x + 8" }, { out: length }], result: { status: 0 } }',
    });
    const types = declareTypes('counter: opaque');
    const spec = specOf(path, functions, { ...IN_PROCESS, ...life, types });
    const backend = await openInProcess(spec, () => undefined);
    expect([await answer(backend, 'next', ''), await answer(backend, 'next', '')]).toEqual(['1', '2']);
    expect(await answer(backend, 'fill', '')).toBe('full');
    expect(existsSync(mark)).toBe(false);
    await backend.close();
    expect(existsSync(mark)).toBe(true);
  });

  test('has its outputs freed by its own function, and lengths at NULL refused', async () => {
    const functions = Object.fromEntries(
      ['lend', 'null_with_length', 'long_error'].map((name) => [name, buffer(name)]),
    );
    const path = compile('hostile.c', scratch(), 'libhostile.so');
    const backend = await open(path, functions, { free: 'give_back' });
    for (let call = 0; call < 3; call++) expect(await answer(backend, 'lend', '')).toBe('0');
    expect(await failureOf(backend.call(callOf('null_with_length', '')))).toMatchObject({ code: 'bad-output' });
    expect(await failureOf(backend.call(callOf('long_error', '')))).toMatchObject({ detail: 'e'.repeat(1024) });
  });

  test('goes on answering right when its file is overwritten in place', async () => {
    const path = join(scratch(), 'libvowels.so');
    copyFileSync(fixture('vowels'), path);
    const backend = await open(path, { count: buffer('vowels_count') });
    truncateSync(path, 0);
    expect(await answer(backend, 'count', 'hello world')).toBe('{"count":3}');
  });

  test('can be opened again, beside itself and after it was closed', async () => {
    const count = { count: buffer('vowels_count') };
    const [first, second] = [await open(fixture('vowels'), count), await open(fixture('vowels'), count)];
    await first.close();
    expect(await answer(second, 'count', 'hello world')).toBe('{"count":3}');
    await second.close();
    expect(await answer(await open(fixture('vowels'), count), 'count', 'aeiou')).toBe('{"count":5}');
  });

  test('that must be loaded from its path is refused once the file there is another one', async () => {
    const folder = scratch();
    const path = compile('tally.c', folder, 'libplaced.so', ['-Wl,-rpath,$ORIGIN']);
    const touch = { getpid: declared('int getpid(void)', []) };
    await (await open(path, touch)).close();
    await (await open(path, touch)).close();
    renameSync(compile('shapes.c', folder, 'libother.so', ['-lm', '-Wl,-rpath,$ORIGIN']), path);
    await expect(open(path, touch)).rejects.toThrow(/another version of .*libplaced\.so was loaded .* restart it/);
  });
});

describe('what cannot be had in the gateway itself is refused,', () => {
  test('all of it at once, with its places', async () => {
    const problems = await problemsOf({
      containment: 'required',
      rights: { network: true, spawn: true, paths: new Map([['/data', '/srv']]) },
      memory: 1024,
      group: 'shared',
      poolSize: 2,
      recycle: { calls: 1_000, growth: null },
      config: new Map([['MODE', 'fast']]),
    });
    expect(problems.map(({ pointer }) => pointer)).toEqual(
      ['containment', 'hosts', 'paths', 'spawn', 'memory', 'group', 'pool', 'recycle', 'config'].map(
        (key) => `/backends/legacy/${key}`,
      ),
    );
  });

  test('a library that is not the one that was hashed as well, and what it lacks', async () => {
    const library = { path: fixture('vowels'), sha256: '0'.repeat(64) };
    expect((await problemsOf({ library }))[0]?.message).toContain('expected SHA-256 0000');
    expect(await problemsOf({ functions: new Map([['x', buffer('no_such')]]), free: 'no_such_free' })).toEqual([
      { pointer: '/backends/legacy/free', message: expect.stringContaining('no_such_free') as string },
      { pointer: '/backends/legacy/functions/x/symbol', message: 'the library has no symbol no_such' },
    ]);
    expect(await problemsOf({}, fileURLToPath(import.meta.url))).toHaveLength(1);
  });

  test('and so is a plugin that the configuration does not name, with what to write', () => {
    const spec = specOf(fixture('vowels'), {}, { ...IN_PROCESS, plugin: 'vowels' });
    expect(notAllowedInProcess(spec, ['pricing', 'vowels'])).toBeNull();
    expect(notAllowedInProcess(spec, ['pricing'])).toEqual({
      pointer: '/backends/legacy/isolation',
      message: expect.stringContaining('inProcess: [pricing, vowels]') as string,
    });
  });
});

test('koffi is in a process only once a library was opened in it', () => {
  const spec = specOf(fixture('vowels'), { count: buffer('vowels_count') }, IN_PROCESS);
  const program = `
    import { readFileSync } from 'node:fs';
    import { deserialize } from 'node:v8';
    import '#adapters/native/open.js';
    import { openInProcess } from '#adapters/native/in-process/open.js';
    const has = () => /koffi[^/]*\\.node/.test(readFileSync('/proc/self/maps', 'latin1'));
    const before = has();
    const spec = deserialize(Buffer.from('${serialize(spec).toString('base64')}', 'base64'));
    const backend = await openInProcess(spec, () => undefined);
    await backend.close();
    process.stdout.write(JSON.stringify([before, has()]));`;
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual([false, true]);
});

function declared(prototype: string, args: readonly (number | string)[]): NativeFunction {
  const symbol = /(\w+)\s*\(/.exec(prototype)?.[1] ?? '';
  return { convention: 'prototype', symbol, prototype, args, result: 'json' };
}
