import { crc32, deflateSync, inflateSync } from 'node:zlib';
import { onTestFinished, test as anyTest, expect } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { Backend } from '#src/domain/backend.js';
import type { NativeSpec } from '#src/domain/native.js';
import { bytesOf, callOf, failureOf, textOf } from '../contract/calls.js';
import { declareAll, declareLife, declareTypes, systemLibrary } from './declaring.js';
import { specOf } from './libraries.js';

const LIBRARIES = {
  z: systemLibrary('libz.so.1'),
  m: systemLibrary('libm.so.6'),
  sqlite: systemLibrary('libsqlite3.so.0'),
  lz4: systemLibrary('liblz4.so.1'),
};

/** Skipped where the system lacks the library. */
const test = (library: keyof typeof LIBRARIES) => anyTest.skipIf(LIBRARIES[library] === null);

async function open(
  library: keyof typeof LIBRARIES,
  functions: Readonly<Record<string, string>>,
  over: Partial<NativeSpec> = {},
): Promise<Backend> {
  const spec = specOf(LIBRARIES[library] ?? '', declareAll(functions), over);
  const backend = await openNative()(spec, () => undefined);
  onTestFinished(() => backend.close());
  return backend;
}

const call = async (backend: Backend, name: string, input: Uint8Array | string): Promise<Uint8Array> =>
  (await backend.call(callOf(name, input))).output;

test('z')('zlib, declared as its header has it, compresses, expands and sums up', async () => {
  const zlib = await open(
    'z',
    {
      checksum:
        '{ prototype: "unsigned long crc32(unsigned long crc, const uint8_t *buf, unsigned int len)", args: [0, $body, $length], result: json }',
      deflate: `
        prototype: "int compress2(uint8_t *dst, unsigned long *dst_len, const uint8_t *src, unsigned long src_len, int level)"
        args: [{ out: body, capacity: "1.1x + 64" }, { out: length }, $body, $length, 6]
        result: { status: 0 }`,
      inflate: `
        prototype: "int uncompress(Bytef *dest, uLongf *destLen, const Bytef *source, uLong sourceLen)"
        args: [{ out: body, capacity: 1100x + 64 }, { out: length }, $body, $length]
        result: { status: 0 }`,
      bound: '{ prototype: "uLong compressBound(uLong sourceLen)", args: [$length], result: json }',
    },
    { types: declareTypes('{ Bytef: unsigned char, uLong: unsigned long, uLongf: uLong }') },
  );
  for (const input of [bytesOf(100_000, 1), new Uint8Array(100_000), new Uint8Array(0)]) {
    expect(textOf(await call(zlib, 'checksum', input))).toBe(String(crc32(input)));
    const small = await call(zlib, 'deflate', input);
    expect(Buffer.from(inflateSync(small))).toEqual(Buffer.from(input));
    expect(Buffer.from(await call(zlib, 'inflate', deflateSync(input)))).toEqual(Buffer.from(input));
  }
  expect(await failureOf(zlib.call(callOf('inflate', 'no zlib stream')))).toEqual({
    code: 'plugin-error',
    status: -3,
    detail: 'the function returned -3',
  });
});

test('m')('libm takes numbers from JSON, and its errors from errno', async () => {
  const libm = await open('m', {
    power: '{ prototype: "double pow(double x, double y)", args: [/x, /y], result: json }',
    logarithm: '{ prototype: "double log(double x)", args: [/x], result: { as: json, error: errno } }',
    frexp:
      '{ prototype: "double frexp(double x, int *exp)", args: [/x, { out: /exponent }], result: { as: json, at: /mantissa } }',
  });
  expect(textOf(await call(libm, 'power', '{"x": 2, "y": 0.5}'))).toBe(String(Math.SQRT2));
  expect(textOf(await call(libm, 'logarithm', '{"x": 1}'))).toBe('0');
  expect(await failureOf(libm.call(callOf('logarithm', '{"x": -1}')))).toMatchObject({
    code: 'plugin-error',
    detail: expect.stringMatching(/^EDOM: /) as string,
  });
  expect(JSON.parse(textOf(await call(libm, 'frexp', '{"x": 12}')))).toEqual({ mantissa: 0.75, exponent: 4 });
  expect(await failureOf(libm.call(callOf('power', '{"x": 10, "y": 1e999}')))).toMatchObject({
    code: 'bad-request',
    pointer: '/y',
  });
});

test('sqlite')('SQLite keeps a database behind its handle, and tells what was wrong with a statement', async () => {
  const sqlite = await open(
    'sqlite',
    {
      run: '{ prototype: "int sqlite3_exec(sqlite3 *db, const char *sql, void *callback, void *context, char **error)", args: [$handle, $text, null, null, null], result: { status: 0 } }',
      changes: '{ prototype: "int sqlite3_changes(sqlite3 *db)", args: [$handle], result: json }',
      version: '{ prototype: "const char *sqlite3_libversion(void)", args: [], result: text }',
    },
    {
      types: declareTypes('sqlite3: opaque'),
      ...declareLife({
        init: '{ prototype: "int sqlite3_open(const char *filename, sqlite3 **db)", args: [{ text: ":memory:" }, { out: handle }] }',
        shutdown: '{ prototype: "int sqlite3_close(sqlite3 *db)", args: [$handle] }',
        lastError: '{ prototype: "const char *sqlite3_errmsg(sqlite3 *db)", args: [$handle] }',
      }),
    },
  );
  expect(textOf(await call(sqlite, 'version', ''))).toMatch(/^3\./);
  expect(textOf(await call(sqlite, 'run', 'CREATE TABLE price (item TEXT, cents INTEGER)'))).toBe('null');
  await call(sqlite, 'run', "INSERT INTO price VALUES ('tea', 250), ('cake', 480)");
  expect(textOf(await call(sqlite, 'changes', ''))).toBe('2');
  expect(await failureOf(sqlite.call(callOf('run', 'INSERT INTO prices VALUES (1)')))).toEqual({
    code: 'plugin-error',
    status: 1,
    detail: 'no such table: prices',
  });
});

test('sqlite')('SQLite that cannot open its database refuses the backend in its own words', async () => {
  const life = declareLife({
    init: '{ prototype: "int sqlite3_open(const char *filename, sqlite3 **db)", args: [{ text: "/no/such/folder/db" }, { out: handle }] }',
    lastError: '{ prototype: "const char *sqlite3_errmsg(sqlite3 *db)", args: [$handle] }',
  });
  const functions = { version: '{ prototype: "const char *sqlite3_libversion(void)", args: [], result: text }' };
  await expect(open('sqlite', functions, { types: declareTypes('sqlite3: opaque'), ...life })).rejects.toMatchObject({
    problems: [{ pointer: '/backends/legacy/init', message: 'sqlite3_open failed: unable to open database file' }],
  });
});

test('lz4')('LZ4 answers with the number of bytes that it has written', async () => {
  const lz4 = await open('lz4', {
    compress:
      '{ prototype: "int LZ4_compress_default(const char *src, char *dst, int srcSize, int dstCapacity)", args: [$body, { out: body, capacity: 1.1x + 64 }, $length, $capacity], result: { as: length, error: zero } }',
    expand:
      '{ prototype: "int LZ4_decompress_safe(const char *src, char *dst, int compressedSize, int dstCapacity)", args: [$body, { out: body, capacity: 300x + 64 }, $length, $capacity], result: { as: length, error: negative } }',
  });
  for (const input of [bytesOf(10_000, 9), new Uint8Array(50_000)]) {
    const small = await call(lz4, 'compress', input);
    expect(Buffer.from(await call(lz4, 'expand', small))).toEqual(Buffer.from(input));
  }
  expect(await failureOf(lz4.call(callOf('expand', 'no LZ4 block')))).toMatchObject({ code: 'plugin-error' });
});
