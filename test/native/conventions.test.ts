import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNative } from '#adapters/native/open.js';
import type { Backend } from '#src/domain/backend.js';
import type { NativeFunction } from '#src/domain/native-function.js';
import { bytesOf, callOf, failureOf, textOf } from '../contract/calls.js';
import { buffer, compile, fixture, specOf } from './libraries.js';

const prototype = (
  declaration: string,
  args: readonly (number | string)[],
  result: 'json' | 'text' = 'json',
): NativeFunction => ({
  convention: 'prototype',
  symbol: /(\w+)\s*\(/.exec(declaration)?.[1] ?? '',
  prototype: declaration,
  args,
  result,
});

const open = (
  path: string,
  functions: Record<string, NativeFunction>,
  free = 'free',
  outputLimit = 1024,
): Promise<Backend> => openNative()(specOf(path, functions, { free, outputLimit }), () => undefined);

describe('a function declared by its prototype', () => {
  let backend: Backend;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'banyan-shapes-'));
    backend = await open(compile('shapes.c', folder, 'libshapes.so', ['-lm']), {
      sum: prototype('extern uint32_t sum_bytes(const uint8_t *restrict bytes, size_t length);', ['$body', '$length']),
      sumOfConst: prototype('uint32_t sum_bytes(const uint8_t *bytes, size_t length)', ['$body', '$length']),
      power: prototype('double power(double x, double y)', ['/x', '/y/0']),
      int64: prototype('int64_t next_int64(int64_t n)', ['/n']),
      uint64: prototype('uint64_t next_uint64(uint64_t n)', ['/n']),
      negate: prototype('int8_t negate(int8_t n)', ['/n']),
      both: prototype('_Bool both(_Bool a, bool b)', ['/a', '/b']),
      touch: prototype('void touch(int times)', [3]),
      touches: prototype('int touches(void)', []),
      name: prototype('const char *name_of(int number)', ['/n'], 'text'),
      alignment: prototype('uintptr_t alignment(const void *bytes, size_t length)', ['$body', '$length']),
    });
  });
  afterAll(async () => {
    await backend.close();
    rmSync(folder, { recursive: true });
  });

  const answer = async (name: string, input: Uint8Array | string): Promise<string> =>
    textOf((await backend.call(callOf(name, input))).output);
  const failure = (name: string, input: string) => failureOf(backend.call(callOf(name, input)));

  test('gets the body and its length', async () => {
    expect(await answer('sum', Uint8Array.of(1, 2, 250))).toBe('253');
    expect(await answer('sum', '')).toBe('0');
    expect(await answer('sumOfConst', new Uint8Array(100_000).fill(1))).toBe('100000');
  });

  test('gets a body that is aligned for every type', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, size) => answer('alignment', bytesOf(size, size))),
    );
    expect(new Set(answers)).toEqual(new Set(['0']));
  });

  test('gets members of a JSON body by pointer, and answers JSON', async () => {
    expect(await answer('power', '{"x": 2, "y": [0.5]}')).toBe(JSON.stringify(Math.SQRT2));
    expect(await answer('both', '{"a": true, "b": true}')).toBe('true');
    expect(await answer('both', '{"a": true, "b": false}')).toBe('false');
    expect(await answer('negate', '{"n": -127}')).toBe('127');
    expect(await answer('touch', 'anything')).toBe('null');
    expect(await answer('touches', '')).toBe('3');
  });

  test('keeps 64-bit integers exact, as strings beyond 2^53', async () => {
    expect(await answer('int64', '{"n": 9007199254740990}')).toBe('9007199254740991');
    expect(await answer('int64', '{"n": 9007199254740991}')).toBe('"9007199254740992"');
    expect(await answer('int64', '{"n": "-9223372036854775808"}')).toBe('"-9223372036854775807"');
    expect(await answer('uint64', '{"n": "18446744073709551614"}')).toBe('"18446744073709551615"');
  });

  test('answers text', async () => {
    expect(await answer('name', '{"n": 1}')).toBe('one');
    expect(await failure('name', '{"n": 0}')).toMatchObject({ code: 'bad-output' });
    expect(await failure('name', '{"n": 2}')).toMatchObject({ code: 'output-too-large', limit: 1024 });
  });

  test.each([
    ['int64', '{"n": 9007199254740993}', '/n', /whole number/],
    ['int64', '{"n": "9223372036854775808"}', '/n', /out of the range of int64_t/],
    ['uint64', '{"n": -1}', '/n', /out of the range of uint64_t/],
    ['negate', '{"n": 128}', '/n', /out of the range of int8_t/],
    ['negate', '{"n": 1.5}', '/n', /whole number/],
    ['negate', '{"n": "one"}', '/n', /whole number/],
    ['negate', '{"m": 1}', '/n', /whole number/],
    ['power', '{"x": 2, "y": 3}', '/y/0', /number/],
    ['both', '{"a": 1, "b": true}', '/a', /true or false/],
    ['power', 'null', '/x', /number/],
    ['power', '{', '', /not JSON/],
  ])('%s refuses %s', async (name, input, pointer, detail) => {
    expect(await failure(name, input)).toMatchObject({
      code: 'bad-request',
      pointer,
      detail: expect.stringMatching(detail) as string,
    });
  });

  test('has no JSON word for an infinity', async () => {
    expect(await failure('power', '{"x": 10, "y": [400]}')).toMatchObject({ code: 'bad-output' });
  });
});

describe('a cstring function', () => {
  test('gets the input with a NUL behind it, and its answer is freed', async () => {
    const backend = await open(fixture('vowels'), { list: { convention: 'cstring', symbol: 'vowels_list' } });
    for (const size of [0, 1, 15, 16, 17, 500])
      expect(textOf((await backend.call(callOf('list', 'a'.repeat(size)))).output)).toBe(
        `{"vowels":"${'a'.repeat(size)}"}`,
      );
    expect(await failureOf(backend.call(callOf('list', 'a'.repeat(1100))))).toMatchObject({ code: 'output-too-large' });
    await backend.close();
  });

  test('never sees an input with a NUL in it', async () => {
    const backend = await open(fixture('vowels'), { list: { convention: 'cstring', symbol: 'vowels_list' } });
    expect(await failureOf(backend.call(callOf('list', 'a\0b')))).toMatchObject({ code: 'bad-request' });
    await backend.close();
  });

  test('fails when it returns NULL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'banyan-shapes-'));
    const backend = await open(compile('shapes.c', folder, 'libshapes.so', ['-lm']), {
      nothing: { convention: 'cstring', symbol: 'nothing' },
      upper: { convention: 'cstring', symbol: 'upper' },
    });
    expect(await failureOf(backend.call(callOf('nothing', 'x')))).toMatchObject({ code: 'plugin-error' });
    expect(textOf((await backend.call(callOf('upper', 'hello'))).output)).toBe('HELLO');
    await backend.close();
    rmSync(folder, { recursive: true });
  });
});

describe('a buffer function', () => {
  let backend: Backend;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'banyan-shapes-'));
    const names = ['lend', 'null_with_length', 'long_error', 'dangling_error', 'echo', 'deep'];
    backend = await open(
      compile('hostile.c', folder, 'libhostile.so'),
      Object.fromEntries(names.map((name) => [name, buffer(name)])),
      'give_back',
      1024 * 1024,
    );
  });
  afterAll(async () => {
    await backend.close();
    rmSync(folder, { recursive: true });
  });

  test('has its output freed by the library’s own function', async () => {
    for (let call = 0; call < 3; call++) expect(textOf((await backend.call(callOf('lend', ''))).output)).toBe('0');
  });

  test('that answers a length without an address gives a bad output', async () => {
    expect(await failureOf(backend.call(callOf('null_with_length', '')))).toMatchObject({ code: 'bad-output' });
  });

  test('that fails is quoted, but not at any length, and not from anywhere', async () => {
    const long = await failureOf(backend.call(callOf('long_error', '')));
    expect(long).toEqual({ code: 'plugin-error', status: 9, detail: 'e'.repeat(1024) });
    expect(await failureOf(backend.call(callOf('dangling_error', '')))).toMatchObject({
      code: 'plugin-error',
      status: 9,
    });
    expect(textOf((await backend.call(callOf('echo', 'alive'))).output)).toBe('alive');
  });

  test('has the stack of a C program', async () => {
    expect(textOf((await backend.call(callOf('deep', ''))).output)).toBe('deep');
  });
});
