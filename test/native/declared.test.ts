import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { Backend } from '#src/domain/backend.js';
import { bytesOf, callOf, failureOf, textOf } from '../contract/calls.js';
import { declareAll, declareLife, declareTypes } from './declaring.js';
import { compile, specOf } from './libraries.js';

const LIMIT = 64 * 1024;

const TYPES = `
  point: { x: double, y: double }
  color: int
  vast: { x: "char[999999]" }
  shape: { name: "char[16]", tag: uint8_t, corners: "point[3]", color: enum color, id: int64_t, closed: bool, weight: float, note: const char * }
`;

const FUNCTIONS = declareAll({
  render:
    '{ prototype: "char *to_html(const char *text, size_t len, int flags)", args: [$text, $length, 0], result: { as: text, free: give } }',
  greet: `{ prototype: "int greet(const char *name, char *to, size_t capacity)", args: [/name, { out: text, capacity: 32 }, $capacity], result: { status: 0 } }`,
  greeting: `{ prototype: "int greet(const char *name, char *to, size_t capacity)", args: [$text, { out: text, capacity: 1x + 16 }, $capacity], result: { error: negative } }`,
  textLength: '{ prototype: "size_t text_length(const char *text)", args: [/t], result: json }',
  isFast: '{ prototype: "bool is_fast(const char *mode)", args: [{ text: fast }], result: json }',
  isNull: '{ prototype: "bool is_null(const void *pointer)", args: [null], result: json }',
  reverse:
    '{ prototype: "int reverse(uint8_t *to, size_t *to_len, const uint8_t *from, size_t from_len)", args: [{ out: body, capacity: 100 }, { out: length }, $body, $length], result: { status: 0 } }',
  reverseAny:
    '{ prototype: "int reverse(uint8_t *to, size_t *to_len, const uint8_t *from, size_t from_len)", args: [{ out: body, capacity: 2x }, { out: length }, $body, $length], result: { status: 0 } }',
  boast:
    '{ prototype: "int boast(uint8_t *to, int64_t *to_len, int64_t said)", args: [{ out: body, capacity: 8 }, { out: length }, /n], result: { status: 0 } }',
  boastResult:
    '{ prototype: "int64_t boast_result(uint8_t *to, int64_t said)", args: [{ out: body, capacity: 8 }, /n], result: { as: length, error: zero } }',
  digest:
    '{ prototype: "void digest(const uint8_t *from, size_t length, uint8_t out[4])", args: [$body, $length, { out: body, capacity: 4 }], result: { as: none } }',
  tripled:
    '{ prototype: "void digest(const uint8_t *from, size_t length, uint8_t out[4])", args: [$body, $length, { out: body, capacity: 3x + 4 }], result: { as: none } }',
  increment:
    '{ prototype: "void increment(uint8_t *bytes, size_t length)", args: [{ inout: body }, $length], result: { as: none } }',
  twice:
    '{ prototype: "uint8_t *twice(const uint8_t *from, size_t length, size_t *out_len)", args: [$body, $length, { out: length }], result: { as: bytes, free: give, error: null } }',
  duplicate:
    '{ prototype: "int duplicate(const uint8_t *from, size_t length, uint8_t **out, size_t *out_len)", args: [$body, $length, { out: body, free: give }, { out: length }], result: { status: 0 } }',
  describe:
    '{ prototype: "int describe(int number, char **out)", args: [/n, { out: text, free: give }], result: { error: negative } }',
  given: '{ prototype: "int times_given_back(void)", args: [], result: json }',
  wild: '{ prototype: "uint8_t *wild(size_t *out_len)", args: [{ out: length }], result: { as: bytes, free: give } }',
  lend: '{ prototype: "int lend(int64_t said, uint8_t **out, int64_t *out_len)", args: [/n, { out: body, free: free }, { out: length }], result: { status: 0 } }',
  lent: '{ prototype: "uint8_t *lent(int64_t said, int64_t *out_len)", args: [/n, { out: length }], result: { as: bytes, free: free } }',
  unending:
    '{ prototype: "void unending(char *to, size_t capacity)", args: [{ out: text, capacity: 16 }, $capacity], result: { as: none } }',
  leftovers:
    '{ prototype: "void leftovers(const uint8_t *from, size_t length, uint8_t *to, size_t *to_len)", args: [$body, $length, { out: body, capacity: 1x }, { out: length }], result: { as: none } }',
  distance: '{ prototype: "double distance(const struct point *a, const point *b)", args: [/a, /b], result: json }',
  middle:
    '{ prototype: "void middle(const struct point *a, const struct point *b, struct point *out)", args: [/a, /b, { out: /middle }], result: { as: none } }',
  move: '{ prototype: "int move(struct shape *shape, double by)", args: [{ inout: /shape }, /by], result: { as: json, at: /note/length } }',
  origin: '{ prototype: "const struct point *origin(int exists)", args: [/n], result: json }',
  divide:
    '{ prototype: "int divide(int a, int b, int *quotient, int *remainder)", args: [/a, /b, { out: /quotient }, { out: /rest/of/it }], result: { status: 0 } }',
  vastSum:
    '{ prototype: "double mean(const vast *values, size_t count)", args: [/list, { length: /list }], result: json }',
  mean: '{ prototype: "double mean(const double *values, size_t count)", args: [/values, { length: /values }], result: json }',
  sumX: '{ prototype: "double sum_x(const struct point *points, int count)", args: [/points, { length: /points }], result: json }',
  bounds:
    '{ prototype: "void bounds(const double of[3], double out[2])", args: [/of, { out: /bounds }], result: { as: none } }',
  keySum: '{ prototype: "int key_sum(const uint8_t key[4], size_t length)", args: [$body, $length], result: json }',
  monogram:
    '{ prototype: "void monogram(const char name[8], char out[4])", args: [/name, { out: /monogram }], result: { as: none } }',
  doubleIt: '{ prototype: "void double_it(uint64_t *value)", args: [{ inout: /n }], result: { as: none } }',
  notANumber: '{ prototype: "void not_a_number(double *out)", args: [{ out: /n }], result: { as: none } }',
  latin:
    '{ prototype: "void latin(char *to, size_t capacity)", args: [{ out: text, capacity: 16 }, 16], result: { as: none } }',
  openFile: '{ prototype: "int open_file(const char *path)", args: [/path], result: { error: negative, errno: true } }',
  quiet: '{ prototype: "int quiet_failure(int error)", args: [/n], result: { as: json, error: errno } }',
});

let backend: Backend;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-declared-'));
  const path = compile('declared.c', folder, 'libdeclared.so');
  const spec = specOf(path, FUNCTIONS, { types: declareTypes(TYPES), outputLimit: LIMIT });
  backend = await openNative()(spec, () => undefined);
});
afterAll(async () => {
  await backend.close();
  rmSync(folder, { recursive: true });
});

const answer = async (name: string, input: Uint8Array | string): Promise<string> =>
  textOf((await backend.call(callOf(name, input))).output);
const json = async (name: string, input: unknown): Promise<unknown> =>
  JSON.parse(await answer(name, JSON.stringify(input)));
const failure = (name: string, input: Uint8Array | string) => failureOf(backend.call(callOf(name, input)));

const SHAPE = {
  name: 'häßlich',
  tag: 255,
  corners: [
    { x: 1, y: 2 },
    { x: 3.5, y: -4 },
    { x: 0, y: 1e300 },
  ],
  color: 2,
  id: '9007199254740993',
  closed: true,
  weight: 0.5,
  note: 'four',
};

describe('text', () => {
  test('is the body with a length, and is returned and freed', async () => {
    const before = Number(await answer('given', ''));
    expect(await answer('render', 'a & b')).toBe('<p>a & b</p>0');
    expect(await answer('render', '')).toBe('<p></p>0');
    expect(await answer('given', '')).toBe(String(before + 2));
  });

  test('comes from a JSON body, from a constant, and goes into a buffer', async () => {
    expect(await answer('greet', '{"name": "Zoë"}')).toBe('hello Zoë');
    expect(await answer('greeting', 'x'.repeat(5_000))).toBe(`hello ${'x'.repeat(5_000)}`);
    expect(await answer('textLength', '{"t": "ü"}')).toBe('2');
    expect(await answer('isFast', '')).toBe('true');
    expect(await answer('isNull', '')).toBe('true');
    expect(await failure('greet', '{"name": "abcdefghijklmnopqrstuvwxyzabcdefgh"}')).toEqual({
      code: 'plugin-error',
      status: -1,
      detail: 'the function returned -1',
    });
  });

  test('with a NUL in it never reaches C', async () => {
    expect(await failure('render', 'a\0b')).toMatchObject({ code: 'bad-request' });
    expect(await failure('greet', '{"name": "a\\u0000b"}')).toMatchObject({ code: 'bad-request', pointer: '/name' });
  });

  test('without an end is never read further than its buffer', async () => {
    expect(await failure('unending', '')).toMatchObject({ code: 'bad-output' });
  });
});

describe('an output', () => {
  test('has the length that the function says', async () => {
    expect(await answer('reverse', 'stressed')).toBe('desserts');
    expect(await answer('reverse', '')).toBe('');
    const input = bytesOf(30_000, 3);
    expect((await backend.call(callOf('reverseAny', input))).output).toEqual(Buffer.from(input.toReversed()));
  });

  test('that does not fit is a failure of the function, which is told the capacity', async () => {
    expect(await failure('reverse', 'x'.repeat(101))).toMatchObject({ code: 'plugin-error', status: 3 });
    // Twice the body would be more than the limit: the function is told the limit.
    const input = bytesOf(40_000, 4);
    expect((await backend.call(callOf('reverseAny', input))).output).toEqual(Buffer.from(input.toReversed()));
    expect(await failure('reverseAny', bytesOf(LIMIT + 1, 5))).toMatchObject({ code: 'plugin-error', status: 3 });
  });

  test('that a function would fill unasked is refused beyond the limit', async () => {
    expect(await answer('tripled', 'abc')).toHaveLength(13);
    expect(await failure('tripled', bytesOf(30_000, 1))).toMatchObject({ code: 'output-too-large', limit: LIMIT });
  });

  test.each([9, -1, '9223372036854775807', '-9223372036854775808'])('of a length of %s is not believed', async (n) => {
    expect(await failure('boast', JSON.stringify({ n }))).toMatchObject({ code: 'bad-output' });
    expect(await failure('boastResult', JSON.stringify({ n }))).toMatchObject({ code: 'bad-output' });
  });

  test('may have its length in the result', async () => {
    expect(await answer('boastResult', '{"n": 3}')).toBe('\0\0\0');
    expect(await failure('boastResult', '{"n": 0}')).toMatchObject({ code: 'plugin-error' });
  });

  test('of a fixed size begins zeroed', async () => {
    expect((await backend.call(callOf('digest', Uint8Array.of(1, 2, 3, 4, 1)))).output).toEqual(Buffer.of(0, 2, 3, 4));
    expect((await backend.call(callOf('digest', ''))).output).toEqual(Buffer.alloc(4));
  });

  test('never shows what a call before it left', async () => {
    await answer('reverseAny', 'secret'.repeat(100));
    expect(await answer('leftovers', 'x'.repeat(600))).toBe('\0'.repeat(600));
  });

  test('is the body, changed in place', async () => {
    expect(await answer('increment', 'HAL')).toBe('IBM');
    expect(await answer('increment', 'HAL')).toBe('IBM');
  });

  test('is returned with its length, and freed', async () => {
    const before = Number(await answer('given', ''));
    expect(await answer('twice', 'ab')).toBe('abab');
    expect(await answer('duplicate', 'xyz')).toBe('xyzxyz');
    expect(await answer('describe', '{"n": 7}')).toBe('number 7');
    expect(await failure('describe', '{"n": -7}')).toMatchObject({ code: 'plugin-error', status: -1 });
    expect(await answer('given', '')).toBe(String(before + 4));
    expect(await failure('twice', '')).toEqual({ code: 'plugin-error', status: 0, detail: 'it returned NULL' });
    expect(await failure('twice', bytesOf(LIMIT / 2 + 1, 1))).toMatchObject({ code: 'output-too-large' });
    expect(await answer('duplicate', '')).toBe('');
  });

  test('that lies where no memory is harms nobody', async () => {
    expect(await failure('wild', '')).toMatchObject({ code: 'bad-output' });
    expect(await answer('isFast', '')).toBe('true');
  });

  test.each(['lend', 'lent'])('that cannot have the length that is said is not freed: %s', async (name) => {
    expect(await failure(name, '{"n": -1}')).toMatchObject({
      code: 'bad-output',
      detail: expect.stringMatching(/it answered -1 bytes$/) as string,
    });
    expect(await answer('isFast', '')).toBe('true');
  });
});

describe('a struct', () => {
  test('comes from a mapping of the JSON body', async () => {
    expect(await json('distance', { a: { x: 1, y: 1 }, b: { x: 4, y: 5, z: 'ignored' } })).toBe(7);
  });

  test('goes into the JSON reply', async () => {
    expect(await json('middle', { a: { x: 0, y: 0 }, b: { x: 1, y: -3 } })).toEqual({ middle: { x: 0.5, y: -1.5 } });
    expect(await json('origin', { n: 1 })).toEqual({ x: 0.5, y: -1 });
    expect(await failure('origin', '{"n": 0}')).toMatchObject({ code: 'bad-output' });
  });

  test('is changed in place, with everything that it contains', async () => {
    const moved = SHAPE.corners.map(({ x, y }) => ({ x: x + 1, y }));
    expect(await json('move', { shape: SHAPE, by: 1 })).toEqual({
      shape: { ...SHAPE, corners: moved, id: '9007199254740994' },
      note: { length: 4 },
    });
    expect(await json('move', { shape: { ...SHAPE, note: null }, by: 1 })).toMatchObject({
      shape: { note: null },
      note: { length: 0 },
    });
  });

  test('or a number comes in a list, with its length', async () => {
    expect(await json('mean', { values: [1, 2, 6] })).toBe(3);
    expect(
      await json('sumX', {
        points: [
          { x: 1, y: 0 },
          { x: 2, y: 0 },
        ],
      }),
    ).toBe(3);
    expect(await json('sumX', { points: [] })).toBe(0);
    expect(await json('mean', { values: Array.from({ length: 20_000 }, () => 2) })).toBe(2);
  });
});

test('an array of a declared length is never shorter than that', async () => {
  expect(await json('bounds', { of: [3, -1, 2] })).toEqual({ bounds: [-1, 3] });
  expect(await failure('bounds', '{"of": [3, -1]}')).toMatchObject({ code: 'bad-request', pointer: '/of' });
  expect(await answer('keySum', Uint8Array.of(1, 2, 3, 4, 5))).toBe('10');
  expect(await failure('keySum', 'abc')).toMatchObject({ code: 'bad-request', pointer: '' });
  expect(await json('monogram', { name: 'B' })).toEqual({ monogram: 'B.' });
});

test('a small body cannot ask for any amount of memory', async () => {
  const list = (length: number): string => JSON.stringify({ list: new Array<object>(length).fill({}) });
  expect(await failure('vastSum', list(270))).toMatchObject({ code: 'bad-request', pointer: '/list' });
  // What there is room for is looked at: these have no fields.
  expect(await failure('vastSum', list(2))).toMatchObject({ code: 'bad-request', pointer: '/list/0/x' });
  expect(await answer('isFast', '')).toBe('true');
});

describe('several numbers', () => {
  test('make one JSON reply', async () => {
    expect(await json('divide', { a: 17, b: 5 })).toEqual({ quotient: 3, rest: { of: { it: 2 } } });
    expect(await failure('divide', '{"a": 1, "b": 0}')).toMatchObject({ code: 'plugin-error', status: -1 });
  });

  test('of 64 bits stay exact', async () => {
    expect(await json('doubleIt', { n: 21 })).toEqual({ n: 42 });
    expect(await json('doubleIt', { n: '9223372036854775807' })).toEqual({ n: '18446744073709551614' });
  });

  test('that JSON cannot say are a bad output', async () => {
    expect(await failure('notANumber', '')).toMatchObject({ code: 'bad-output' });
  });
});

describe('errno', () => {
  test('is told by its name and its text', async () => {
    expect(await failure('openFile', '{"path": "/no/such/file"}')).toEqual({
      code: 'plugin-error',
      status: -1,
      detail: 'ENOENT: No such file or directory',
    });
    expect(await answer('openFile', '{"path": "/proc/self/status"}')).toBe('null');
  });

  test('may be all that tells of a failure', async () => {
    expect(await failure('quiet', '{"n": 33}')).toMatchObject({
      code: 'plugin-error',
      detail: expect.stringMatching(/^EDOM: /) as string,
    });
    expect(await answer('quiet', '{"n": 0}')).toBe('5');
  });
});

describe('refused, with the place in the body, is', () => {
  const shape = (over: object): string => JSON.stringify({ shape: { ...SHAPE, ...over }, by: 1 });
  test.each<[string, string, string, RegExp]>([
    ['distance', '{"a": {"x": 1, "y": 1}}', '/b', /mapping with the fields of point/],
    ['distance', '{"a": {"x": 1, "y": 1}, "b": []}', '/b', /mapping with the fields of point/],
    ['distance', '{"a": {"x": 1}, "b": {"x": 1, "y": 1}}', '/a/y', /number/],
    ['distance', '{"a": {"x": 1, "y": 1e999}, "b": {"x": 1, "y": 1}}', '/a/y', /out of the range of double/],
    ['move', shape({ name: 'sixteen letters!' }), '/shape/name', /at most 15 bytes/],
    ['move', shape({ name: 'a\0b' }), '/shape/name', /NUL/],
    ['move', shape({ tag: 256 }), '/shape/tag', /out of the range of uint8_t/],
    ['move', shape({ corners: [] }), '/shape/corners', /list of 3 elements/],
    ['move', shape({ corners: [1, 2, 3] }), '/shape/corners/0', /mapping/],
    ['move', shape({ corners: [SHAPE.corners[0], { x: 'a', y: 1 }, 3] }), '/shape/corners/1/x', /number/],
    ['move', shape({ color: 0.5 }), '/shape/color', /whole number/],
    ['move', shape({ id: 9007199254740992 }), '/shape/id', /whole number/],
    ['move', shape({ closed: 1 }), '/shape/closed', /true or false/],
    ['move', shape({ weight: 1e39 }), '/shape/weight', /out of the range of float/],
    ['move', shape({ note: 4 }), '/shape/note', /text/],
    ['move', shape({ note: undefined }), '/shape/note', /text/],
    ['textLength', '{"t": 1}', '/t', /text/],
    ['textLength', '[]', '/t', /text/],
    ['mean', '{"values": 1}', '/values', /list/],
    ['mean', '{"values": [1, "2"]}', '/values/1', /number/],
    ['doubleIt', '{"n": "18446744073709551616"}', '/n', /out of the range of uint64_t/],
    ['doubleIt', '{"n": 1e19}', '/n', /whole number/],
    ['doubleIt', '{"n": null}', '/n', /whole number/],
    ['doubleIt', 'NaN', '', /not JSON/],
  ])('%s of %s', async (name, input, pointer, detail) => {
    expect(await failure(name, input)).toEqual({
      code: 'bad-request',
      pointer,
      detail: expect.stringMatching(detail) as string,
    });
  });
});

test('text that is no UTF-8 goes out as it is, and into no JSON', async () => {
  expect((await backend.call(callOf('latin', ''))).output).toEqual(Buffer.from('caf\xe9', 'latin1'));
});

describe('a handle', () => {
  const HANDLED = declareAll({
    add: '{ prototype: "int64_t counter_add(struct counter *counter, int64_t by)", args: [$handle, /by], result: json }',
    unit: '{ prototype: "const char *counter_unit(const struct counter *counter)", args: [$handle], result: text }',
  });
  const types = declareTypes('counter: opaque');
  const NEW = '{ prototype: "struct counter *counter_new(const char *config)", args: [$config] }';
  const OPEN =
    '{ prototype: "int counter_open(const char *config, struct counter **made)", args: [$config, { out: handle }] }';
  const open = (init: string, config: Record<string, string> = {}, lastError?: string, lines: string[] = []) =>
    openNative()(
      specOf(join(folder, 'libdeclared.so'), HANDLED, {
        types,
        config: new Map(Object.entries(config)),
        ...declareLife({ init, shutdown: 'counter_free', ...(lastError === undefined ? {} : { lastError }) }),
      }),
      (event) => event.type === 'output' && lines.push(event.line),
    );

  test.each([
    ['the result', NEW],
    ['an argument', OPEN],
  ])('is made by init as %s, with the configuration, and ended by shutdown', async (_how, init) => {
    const lines: string[] = [];
    const handled = await open(init, { currency: 'eur' }, undefined, lines);
    await handled.call(callOf('add', '{"by": 40}'));
    expect(textOf((await handled.call(callOf('add', '{"by": 2}'))).output)).toBe('42');
    expect(textOf((await handled.call(callOf('unit', ''))).output)).toBe('EUR');
    await handled.close();
    await expect.poll(() => lines, { timeout: 20_000 }).toContain('counter freed at 42');
  });

  test.each([
    ['what last_error says', NEW, 'declared_last_error', 'counter_new failed: the configuration says no'],
    ['what last_error says', OPEN, 'declared_last_error', 'counter_open failed: the configuration says no'],
    ['NULL', NEW, undefined, 'counter_new failed: it returned NULL'],
    ['the status', OPEN, undefined, 'counter_open failed: the function returned 7'],
  ])('that cannot be made refuses the library with %s', async (_what, init, lastError, message) => {
    await expect(open(init, { refuse: 'yes' }, lastError)).rejects.toMatchObject({
      problems: [{ pointer: '/backends/legacy/init', message }],
    });
  });

  test('may be a number', async () => {
    const numbered = await openNative()(
      specOf(
        join(folder, 'libdeclared.so'),
        declareAll({ number: '{ prototype: "int number_of(int handle)", args: [$handle], result: json }' }),
        declareLife({ init: '{ prototype: "int open_number(void)", result: { as: handle, error: negative } }' }),
      ),
      () => undefined,
    );
    expect(textOf((await numbered.call(callOf('number', ''))).output)).toBe('42');
    await numbered.close();
  });
});

test('a failure is told in the words of last_error', async () => {
  const worded = await openNative()(
    specOf(
      join(folder, 'libdeclared.so'),
      { divide: FUNCTIONS['divide']! },
      declareLife({ lastError: 'declared_last_error' }),
    ),
    () => undefined,
  );
  expect(await failureOf(worded.call(callOf('divide', '{"a": 1, "b": 0}')))).toEqual({
    code: 'plugin-error',
    status: -1,
    detail: 'division by zero',
  });
  await worded.close();
});
