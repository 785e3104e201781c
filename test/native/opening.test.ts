import { execFileSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import type { NativeOptions } from '#adapters/native/parent/settings.js';
import { type Problem, Refused } from '#src/domain/backend.js';
import type { NativeSpec } from '#src/domain/native.js';
import type { NativeFunction } from '#src/domain/native-function.js';
import { callOf, textOf } from '../contract/calls.js';
import { buffer, compile, FAULTY, fixture, scratch, specOf } from './libraries.js';

async function problemsOf(spec: NativeSpec, options: NativeOptions = {}): Promise<readonly Problem[]> {
  try {
    const backend = await openNative(options)(spec, () => undefined);
    await backend.close();
  } catch (error) {
    if (error instanceof Refused) return error.problems;
    throw error;
  }
  return [];
}

const LIBRARY = '/backends/legacy/library';

describe('a library is refused, with one clear line, when', () => {
  test.each([
    ['it is a text file', 'hello, this is no library', /is not an ELF shared library: it begins with "hello, this is/],
    ['it is empty', '', /is not an ELF shared library: it is empty/],
    ['it breaks off after its head', '\x7fELF\x02\x01\x01', /is not an ELF shared library/],
  ])('%s', async (_when, content, message) => {
    const path = join(scratch(), 'lib.so');
    writeFileSync(path, content, 'latin1');
    expect(await problemsOf(specOf(path, FAULTY))).toEqual([
      { pointer: LIBRARY, message: expect.stringMatching(message) as string },
    ]);
  });

  test('it is a program or an object file', async () => {
    const folder = scratch();
    const object = join(folder, 'lib.o');
    execFileSync('cc', ['-c', '-o', object, join(import.meta.dirname, 'shapes.c')]);
    expect(await problemsOf(specOf(object, FAULTY))).toEqual([
      { pointer: LIBRARY, message: expect.stringMatching(/no shared library \(type 1\)/) as string },
    ]);
  });

  test('it needs a symbol that nobody defines, which the linker names', async () => {
    const path = compile('loading.c', scratch(), 'lib.so', ['-DUNRESOLVED']);
    expect(await problemsOf(specOf(path, { die: buffer('die') }))).toEqual([
      { pointer: LIBRARY, message: expect.stringMatching(/cannot be loaded: .*nobody_defines_this/) as string },
    ]);
  });

  test('it is not there', async () => {
    const spec = specOf(fixture('faulty'), FAULTY);
    const gone = { ...spec, library: { ...spec.library, path: join(scratch(), 'gone.so') } };
    expect(await problemsOf(gone)).toEqual([
      { pointer: LIBRARY, message: expect.stringMatching(/gone\.so cannot be read: ENOENT/) as string },
    ]);
  });

  test('its folder is not there either', async () => {
    const spec = specOf(fixture('faulty'), FAULTY);
    const gone = { ...spec, library: { ...spec.library, path: join(scratch(), 'no', 'gone.so') } };
    expect(await problemsOf(gone)).toMatchObject([
      { pointer: LIBRARY, message: expect.stringMatching(/ENOENT/) as string },
    ]);
  });

  test('it was changed after it had been checked', async () => {
    const path = join(scratch(), 'lib.so');
    copyFileSync(fixture('faulty'), path);
    const spec = specOf(path, FAULTY);
    appendFileSync(path, 'more');
    expect(await problemsOf(spec)).toEqual([
      {
        pointer: LIBRARY,
        message: expect.stringMatching(/not the file that was checked: expected SHA-256 [0-9a-f]{64}/) as string,
      },
    ]);
  });

  test('it crashes while it is loaded, which names the signal', async () => {
    const path = compile('loading.c', scratch(), 'lib.so', ['-DCRASHES']);
    expect(await problemsOf(specOf(path, { die: buffer('die') }))).toEqual([
      { pointer: LIBRARY, message: 'its process ended while it was being loaded: SIGSEGV' },
    ]);
  });

  test('it ends its process while it is loaded', async () => {
    const path = compile('loading.c', scratch(), 'lib.so', ['-DEXITS']);
    expect(await problemsOf(specOf(path, { die: buffer('die') }))).toEqual([
      { pointer: LIBRARY, message: 'its process ended while it was being loaded: exit status 3' },
    ]);
  });

  test('it never finishes loading', async () => {
    const path = compile('loading.c', scratch(), 'lib.so', ['-DHANGS']);
    expect(await problemsOf(specOf(path, { die: buffer('die') }), { loadTimeoutMs: 500 })).toEqual([
      { pointer: LIBRARY, message: 'it was not loaded within 500 ms' },
    ]);
  });
});

const SHAPES = (): string => compile('shapes.c', scratch(), 'libshapes.so', ['-lm']);

function prototype(
  declaration: string,
  args: readonly (number | string)[],
  result: 'json' | 'text' = 'json',
): NativeFunction {
  const symbol = /(\w+)\s*\(/.exec(declaration)?.[1] ?? '';
  return { convention: 'prototype', symbol, prototype: declaration, args, result };
}

describe('mistakes in the declarations are told', () => {
  test('all at once, each with its place in the manifest', async () => {
    const problems = await problemsOf(
      specOf(
        SHAPES(),
        {
          fine: prototype('uint32_t sum_bytes(const uint8_t *bytes, size_t length)', ['$body', '$length']),
          missing: buffer('sum_byte'),
          gone: { convention: 'cstring', symbol: 'uper' },
          nameless: prototype('int no_such_function(int n)', [1]),
          garbled: prototype('uint32_t sum_bytes(const bytes_t *bytes)', ['$body']),
          counted: prototype('double power(double x, double y)', ['/x']),
          pointed: prototype('double power(double x, double y)', ['$body', '$length']),
        },
        { free: 'no_such_free' },
      ),
    );
    expect(problems.map((problem) => problem.pointer)).toEqual([
      '/backends/legacy/free',
      '/backends/legacy/functions/missing/symbol',
      '/backends/legacy/functions/gone/symbol',
      '/backends/legacy/functions/nameless/prototype',
      '/backends/legacy/functions/garbled/prototype',
      '/backends/legacy/functions/counted/args',
      '/backends/legacy/functions/pointed/args/0',
      '/backends/legacy/functions/pointed/args/1',
    ]);
    expect(problems.map((problem) => problem.message)).toEqual([
      'neither the library nor the C library has a symbol no_such_free',
      'the library has no symbol sum_byte',
      'the library has no symbol uper',
      'the library has no symbol no_such_function',
      expect.stringMatching(/bytes_t/) as string,
      'expected as many arguments as the prototype has parameters (2), found 1',
      '$body needs a pointer to bytes (uint8_t, char or void), not double',
      '$length needs an integer of 32 bits or more, not double',
    ]);
  });

  test.each<[string, NativeFunction, string, RegExp]>([
    [
      'a pointer without a length',
      prototype('uint32_t sum_bytes(const uint8_t *b, size_t n)', ['$body', 3]),
      '/args/0',
      /without a length/,
    ],
    [
      'a length in 16 bits',
      prototype('uint32_t sum_bytes(const uint8_t *b, uint16_t n)', ['$body', '$length']),
      '/args/1',
      /32 bits or more, not uint16_t/,
    ],
    [
      'the body for wide elements',
      prototype('uint32_t sum_bytes(const int *b, size_t n)', ['$body', '$length']),
      '/args/0',
      /pointer to bytes/,
    ],
    [
      'a constant out of range',
      prototype('int8_t negate(int8_t n)', [200]),
      '/args/0',
      /200 is out of the range of int8_t/,
    ],
    ['a fraction for an integer', prototype('int8_t negate(int8_t n)', [0.5]), '/args/0', /no whole number/],
    [
      'a number for a pointer',
      prototype('uint32_t sum_bytes(const uint8_t *b, size_t n)', [0, '$length']),
      '/args/0',
      /does not fit/,
    ],
    [
      'a member for a pointer',
      prototype('uint32_t sum_bytes(const uint8_t *b, size_t n)', ['/b', '$length']),
      '/args/0',
      /a pointer without a length: map \{ length: \/b \}/,
    ],
    ['a word that means nothing', prototype('int8_t negate(int8_t n)', ['$test']), '/args/0', /"\$test" is neither/],
    [
      'a pointer as JSON',
      prototype('const char *name_of(int n)', [1], 'json'),
      '/result',
      /cannot be answered as JSON/,
    ],
    ['a number as text', prototype('int8_t negate(int8_t n)', [1], 'text'), '/result', /returns char \*/],
    ['variable arguments', prototype('int8_t negate(int8_t n, ...)', [1]), '/prototype', /variable number/],
    [
      'two declarations',
      prototype('int8_t negate(int8_t n); int x(int y)', [1]),
      '/prototype',
      /something follows it: int/,
    ],
  ])('%s', async (_what, declared, place, message) => {
    const problems = await problemsOf(specOf(SHAPES(), { it: declared }));
    expect(problems).toEqual([
      { pointer: `/backends/legacy/functions/it${place}`, message: expect.stringMatching(message) as string },
    ]);
  });
});

describe('what is loaded is', () => {
  test('the file that was hashed, also when another takes its place right after', async () => {
    const folder = scratch();
    const path = join(folder, 'lib.so');
    copyFileSync(fixture('faulty'), path);
    const backend = await openNative()(specOf(path, { echo: buffer('faulty_echo') }), () => undefined);
    copyFileSync(fixture('vowels'), join(folder, 'other.so'));
    renameSync(join(folder, 'other.so'), path);
    expect(textOf((await backend.call(callOf('echo', 'still'))).output)).toBe('still');
    await backend.close();
  });

  test('with its own dependencies, found beside it, before the symbols that Node exports', async () => {
    const folder = scratch();
    compile('clashing.c', join(folder, 'parts'), 'libclashing.so');
    const path = compile('dependent.c', folder, 'libdependent.so', [
      `-L${join(folder, 'parts')}`,
      '-lclashing',
      '-Wl,-rpath,$ORIGIN/parts',
    ]);
    const backend = await openNative()(specOf(path, { whose: buffer('whose') }), () => undefined);
    expect(textOf((await backend.call(callOf('whose', ''))).output)).toBe("the library's own");
    await backend.close();
  });

  test('found at a path with spaces and other characters', async () => {
    const folder = join(scratch(), 'a folder, “quoted” % $x');
    mkdirSync(folder);
    const path = join(folder, 'lib é.so');
    copyFileSync(fixture('faulty'), path);
    expect(await problemsOf(specOf(path, FAULTY))).toEqual([]);
    rmSync(path);
    expect(existsSync(path)).toBe(false);
  });
});
