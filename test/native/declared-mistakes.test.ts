import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNative } from '#adapters/native/open.js';
import { type Problem, Refused } from '#src/domain/backend.js';
import type { NativeSpec } from '#src/domain/native.js';
import { declare, declareAll, declareLife, declareTypes } from './declaring.js';
import { compile, specOf } from './libraries.js';

const TYPES = declareTypes('{ point: { x: double, y: double }, counter: opaque, color: int }');

const REVERSE = 'int reverse(uint8_t *to, size_t *to_len, const uint8_t *from, size_t from_len)';
const DIVIDE = 'int divide(int a, int b, int *quotient, int *remainder)';
const BODY = '{ out: body, capacity: 8 }';

/** What is wrong, the function, where, and what is said. */
const MISTAKES: readonly (readonly [what: string, yaml: string, place: string, message: RegExp])[] = [
  ['an unknown type', '{ prototype: "int f(pint x)", args: [1], result: json }', '/prototype', /pint is not a type/],
  [
    'an unknown struct',
    '{ prototype: "int f(struct pint *x)", args: [/x], result: json }',
    '/prototype',
    /struct pint is not a type/,
  ],
  ['a struct by value', '{ prototype: "int f(point x)", args: [/x], result: json }', '/prototype', /point by value/],
  [
    'a returned struct',
    '{ prototype: "struct point f(void)", args: [], result: json }',
    '/prototype',
    /point by value/,
  ],
  [
    'an enum that is a struct',
    '{ prototype: "int f(enum point x)", args: [/x], result: json }',
    '/prototype',
    /not as enum/,
  ],
  [
    'a struct that is an enum',
    '{ prototype: "int f(struct color *x)", args: [/x], result: json }',
    '/prototype',
    /not as struct/,
  ],
  [
    'a list of lists',
    '{ prototype: "int f(double x[3][3])", args: [/x], result: json }',
    '/prototype',
    /arrays of arrays/,
  ],
  ['too few arguments', `{ prototype: "${DIVIDE}", args: [1], result: json }`, '/args', /parameters \(4\), found 1$/],
  [
    'too many arguments',
    '{ prototype: "int open_number(void)", args: [1], result: json }',
    '/args',
    /parameters \(0\), found 1$/,
  ],
  [
    'a body without a length',
    '{ prototype: "size_t text_length(const char *text)", args: [$body], result: json }',
    '/args/0',
    /without a length/,
  ],
  [
    'a list without a length',
    '{ prototype: "double mean(const double *v, size_t n)", args: [/v, 3], result: json }',
    '/args/0',
    /without a length/,
  ],
  [
    'text for bytes',
    '{ prototype: "int f(const uint8_t *b)", args: [$text], result: json }',
    '/args/0',
    /\$text needs a pointer to char, not const uint8_t \*/,
  ],
  [
    'a constant text for bytes',
    '{ prototype: "int f(const uint8_t *b)", args: [{ text: fast }], result: json }',
    '/args/0',
    /pointer to char/,
  ],
  [
    'a constant text that may be written to',
    '{ prototype: "int f(char *b)", args: [{ text: fast }], result: json }',
    '/args/0',
    /const char/,
  ],
  [
    'a constant text with a NUL',
    '{ prototype: "int f(const char *b)", args: [{ text: "a\\0b" }], result: json }',
    '/args/0',
    /NUL/,
  ],
  [
    'bytes for a text',
    '{ prototype: "void f(uint8_t *to)", args: [{ out: text, capacity: 8 }], result: { as: none } }',
    '/args/0',
    /pointer to char/,
  ],
  [
    'bytes as text',
    '{ prototype: "uint8_t *wild(size_t *n)", args: [null], result: text }',
    '/result',
    /returns char \*/,
  ],
  [
    'a number as bytes',
    `{ prototype: "size_t f(size_t *n)", args: [{ out: length }], result: { as: bytes } }`,
    '/result',
    /pointer to bytes/,
  ],
  [
    'true for a number',
    '{ prototype: "int number_of(int n)", args: [true], result: json }',
    '/args/0',
    /true does not fit/,
  ],
  [
    'null for a number',
    '{ prototype: "int number_of(int n)", args: [null], result: json }',
    '/args/0',
    /null does not fit/,
  ],
  ['a number for a bool', '{ prototype: "int f(bool b)", args: [1], result: json }', '/args/0', /does not fit/],
  [
    'too much for a float',
    '{ prototype: "int f(float x)", args: [1e39], result: json }',
    '/args/0',
    /out of the range of float/,
  ],
  [
    'too much for 64 bits',
    '{ prototype: "int f(int64_t x)", args: [1e19], result: json }',
    '/args/0',
    /out of the range of int64_t/,
  ],
  [
    'a constant that may not be what was written',
    '{ prototype: "int f(int64_t x)", args: [9007199254740993], result: json }',
    '/args/0',
    /beyond 2\^53/,
  ],
  ['half a number', '{ prototype: "int f(int x)", args: [1.5], result: json }', '/args/0', /1\.5 is no whole number/],
  [
    'a negative number without a sign',
    '{ prototype: "int f(uint64_t x)", args: [-1], result: json }',
    '/args/0',
    /out of the range of uint64_t/,
  ],
  [
    'a length in 16 bits',
    '{ prototype: "int f(const uint8_t *b, short n)", args: [$body, $length], result: json }',
    '/args/1',
    /32 bits or more/,
  ],
  [
    'a member for an opaque type',
    '{ prototype: "int f(counter *c)", args: [/c], result: json }',
    '/args/0',
    /cannot be given to counter \*/,
  ],
  [
    'a member for any pointer',
    '{ prototype: "int f(void *c, int n)", args: [/c, { length: /c }], result: json }',
    '/args/0',
    /cannot be given to void \*/,
  ],
  [
    'a member for a pointer to a pointer',
    '{ prototype: "int f(char **c)", args: [/c], result: json }',
    '/args/0',
    /cannot be given to char \*\*/,
  ],
  [
    'a length of nothing',
    '{ prototype: "int f(int n)", args: [{ length: /c }], result: json }',
    '/args/0',
    /needs \/c as another argument/,
  ],
  [
    'a capacity of nothing',
    '{ prototype: "int f(size_t n)", args: [$capacity], result: json }',
    '/args/0',
    /has no output/,
  ],
  [
    'an output for a number',
    '{ prototype: "int f(int n)", args: [{ out: /n }], result: { status: 0 } }',
    '/args/0',
    /needs a pointer, not int/,
  ],
  [
    'an output that is const',
    '{ prototype: "int f(const int *n)", args: [{ out: /n }], result: { status: 0 } }',
    '/args/0',
    /may be written to/,
  ],
  [
    'an output body that is const',
    `{ prototype: "int f(const uint8_t *to)", args: [${BODY}], result: { status: 0 } }`,
    '/args/0',
    /may be written to/,
  ],
  [
    'a changed struct that is const',
    '{ prototype: "int f(const point *p)", args: [{ inout: /p }], result: { status: 0 } }',
    '/args/0',
    /may be written to/,
  ],
  [
    'an output body of numbers',
    `{ prototype: "int f(int *to)", args: [${BODY}], result: { status: 0 } }`,
    '/args/0',
    /pointer to bytes/,
  ],
  [
    'an output of an opaque type',
    '{ prototype: "int f(counter *c)", args: [{ out: /c }], result: { status: 0 } }',
    '/args/0',
    /number, a bool or a struct/,
  ],
  [
    'an output of one char',
    '{ prototype: "int f(char *c)", args: [{ out: /c }], result: { status: 0 } }',
    '/args/0',
    /number, a bool or a struct/,
  ],
  [
    'two outputs',
    `{ prototype: "int f(char *a, char *b)", args: [${BODY}, ${BODY}], result: { status: 0 } }`,
    '/args/1',
    /another output/,
  ],
  [
    'two lengths',
    `{ prototype: "int f(char *a, int *b, int *c)", args: [${BODY}, { out: length }, { out: length }], result: { status: 0 } }`,
    '/args/2',
    /another \{ out: length \}/,
  ],
  [
    'a length without an output',
    '{ prototype: "int f(int *n)", args: [{ out: length }], result: { status: 0 } }',
    '/args/0',
    /length of nothing/,
  ],
  [
    'a length in a byte',
    `{ prototype: "int f(char *a, uint8_t *n)", args: [${BODY}, { out: length }], result: { status: 0 } }`,
    '/args/1',
    /32 bits or more/,
  ],
  [
    'two ways to a length',
    `{ prototype: "${REVERSE}", args: [${BODY}, { out: length }, $body, $length], result: { as: length } }`,
    '/result',
    /two lengths/,
  ],
  [
    'a length that is the result of nothing',
    '{ prototype: "int open_number(void)", args: [], result: { as: length } }',
    '/result',
    /length of nothing/,
  ],
  [
    'returned bytes without a length',
    '{ prototype: "uint8_t *wild(size_t *n)", args: [null], result: { as: bytes } }',
    '/result',
    /without a length/,
  ],
  [
    'allocated bytes without a length',
    '{ prototype: "int f(uint8_t **to)", args: [{ out: body, free: free }], result: { status: 0 } }',
    '/args/0',
    /without a length/,
  ],
  [
    'an allocated output without its pointer',
    '{ prototype: "int f(uint8_t *to)", args: [{ out: text, free: free }], result: { status: 0 } }',
    '/args/0',
    /pointer to a pointer/,
  ],
  [
    'an output freed by nothing',
    '{ prototype: "int f(char **to)", args: [{ out: text, free: no_such_free }], result: { status: 0 } }',
    '/args/0',
    /no_such_free/,
  ],
  [
    'more capacity than the limit',
    '{ prototype: "int f(char *to)", args: [{ out: text, capacity: 4097 }], result: { status: 0 } }',
    '/args/0/capacity',
    /4097 bytes are more than the output limit of 4096/,
  ],
  [
    'less capacity than is declared',
    '{ prototype: "void f(uint8_t to[32])", args: [{ out: body, capacity: 2x + 31 }], result: { as: none } }',
    '/args/0',
    /at least the 32 bytes that are declared/,
  ],
  [
    'the body as a text of a declared length',
    '{ prototype: "void f(const char text[8])", args: [$text], result: { as: none } }',
    '/args/0',
    /shorter than the 8 bytes/,
  ],
  [
    'no capacity at all',
    '{ prototype: "int f(char *to)", args: [{ out: text, capacity: 0x }], result: { status: 0 } }',
    '/args/0/capacity',
    /room for nothing/,
  ],
  [
    'a reply of two kinds',
    `{ prototype: "int f(char *a, int *b)", args: [${BODY}, { out: /b }], result: { status: 0 } }`,
    '/args/1',
    /reply is the output/,
  ],
  [
    'an output and a result',
    `{ prototype: "int f(char *a)", args: [${BODY}], result: json }`,
    '/result',
    /cannot be the result as json/,
  ],
  [
    'a result without a place',
    `{ prototype: "${DIVIDE}", args: [1, 2, { out: /q }, { out: /r }], result: json }`,
    '/result',
    /say where in it the result stands/,
  ],
  [
    'a result in the place of another',
    `{ prototype: "${DIVIDE}", args: [1, 2, { out: /q }, { out: /r }], result: { as: json, at: /r/x } }`,
    '/args/3',
    /the result stands at \/r/,
  ],
  [
    'two numbers in one place',
    `{ prototype: "${DIVIDE}", args: [1, 2, { out: /q }, { out: /q/r }], result: { status: 0 } }`,
    '/args/3',
    /another argument stands/,
  ],
  [
    'a place for a status',
    '{ prototype: "int open_number(void)", args: [], result: { status: 0, at: /x } }',
    '/result/at',
    /as: json or as: text/,
  ],
  [
    'a pointer as JSON',
    '{ prototype: "counter *f(void)", args: [], result: json }',
    '/result',
    /cannot be answered as JSON/,
  ],
  [
    'a handle without an init',
    '{ prototype: "int f(counter *c)", args: [$handle], result: json }',
    '/args/0',
    /made by nothing/,
  ],
  [
    'a handle as a result',
    '{ prototype: "counter *f(void)", args: [], result: { as: handle } }',
    '/result',
    /what init returns/,
  ],
  [
    'a handle as an output',
    '{ prototype: "int f(counter **c)", args: [{ out: handle }], result: { status: 0 } }',
    '/args/0',
    /for init alone/,
  ],
  [
    'a configuration for bytes',
    '{ prototype: "int f(const uint8_t *c)", args: [$config], result: json }',
    '/args/0',
    /\$config needs a pointer to char/,
  ],
  [
    'freeing a number',
    '{ prototype: "int open_number(void)", args: [], result: { as: json, free: free } }',
    '/result/free',
    /cannot be freed/,
  ],
  [
    'freeing by nothing',
    '{ prototype: "char *f(void)", args: [], result: { as: text, free: no_such_free } }',
    '/result/free',
    /has a symbol no_such_free/,
  ],
  [
    'a status of a pointer',
    '{ prototype: "char *f(void)", args: [], result: { as: text, status: 0 } }',
    '/result',
    /returns an integer/,
  ],
  [
    'a status out of range',
    '{ prototype: "uint8_t f(void)", args: [], result: { status: 256 } }',
    '/result',
    /256 is out of the range/,
  ],
  [
    'a status and an error',
    '{ prototype: "int open_number(void)", args: [], result: { status: 0, error: negative } }',
    '/result',
    /not both/,
  ],
  [
    'a negative number without sign',
    '{ prototype: "size_t f(void)", args: [], result: { error: negative } }',
    '/result',
    /does not fit/,
  ],
  [
    'NULL of a number',
    '{ prototype: "int open_number(void)", args: [], result: { error: "null" } }',
    '/result',
    /does not fit/,
  ],
  [
    'zero of a pointer',
    '{ prototype: "char *f(void)", args: [], result: { as: text, error: zero } }',
    '/result',
    /does not fit/,
  ],
  [
    'errno without a failure',
    '{ prototype: "int open_number(void)", args: [], result: { as: json, errno: true } }',
    '/result/errno',
    /nothing says what is one/,
  ],
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-mistakes-'));
  compile('declared.c', folder, 'libdeclared.so');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function problemsOf(functions: NativeSpec['functions'], over: Partial<NativeSpec>): Promise<readonly Problem[]> {
  const spec = specOf(join(folder, 'libdeclared.so'), Object.fromEntries(functions), {
    types: TYPES,
    outputLimit: 4096,
    ...over,
  });
  try {
    await (await openNative()(spec, () => undefined)).close();
  } catch (error) {
    if (error instanceof Refused) return error.problems;
    throw error;
  }
  return [];
}

describe('is refused at load, at its place and together with all others:', () => {
  let problems: readonly Problem[];
  beforeAll(async () => {
    // Some need no symbol: what is declared wrong is not looked for.
    const functions = MISTAKES.map(
      ([, yaml], index) => [`f${index}`, { ...declare(yaml), symbol: 'open_number' }] as const,
    );
    problems = await problemsOf(new Map(functions), {});
  });

  test.each(MISTAKES.map((mistake, index) => [...mistake, index] as const))(
    '%s',
    (_what, _yaml, place, message, index) => {
      const at = `/backends/legacy/functions/f${index}/`;
      expect(problems.filter(({ pointer }) => pointer.startsWith(at))).toEqual([
        { pointer: `/backends/legacy/functions/f${index}${place}`, message: expect.stringMatching(message) as string },
      ]);
    },
  );
});

describe('what a library is called for besides its functions is refused', () => {
  const number = new Map([['n', declare('{ prototype: "int open_number(void)", args: [], result: json }')]]);
  test.each<[string, Parameters<typeof declareLife>[0], string, RegExp]>([
    ['when it is not there', { init: 'no_such_init' }, '/init', /no symbol no_such_init/],
    [
      'when it needs a call',
      { init: '{ prototype: "counter *counter_new(const char *c)", args: [$text] }' },
      '/init/args/0',
      /expected a constant, \{ out: handle \} or \$config/,
    ],
    [
      'when its result goes nowhere',
      { init: '{ prototype: "int open_number(void)", result: json }' },
      '/init/result',
      /there is no reply/,
    ],
    [
      'when it cannot be a handle',
      { init: '{ prototype: "double open_number(void)", result: { as: handle } }' },
      '/init/result',
      /double cannot be a handle/,
    ],
    [
      'when the handle is no pointer to one',
      { init: '{ prototype: "int open_number(int *made)", args: [{ out: handle }] }' },
      '/init/args/0',
      /pointer to a pointer/,
    ],
    [
      'when there is no handle',
      { shutdown: '{ prototype: "void counter_free(counter *c)", args: [$handle] }' },
      '/shutdown/args/0',
      /made by nothing/,
    ],
    [
      'when its arguments do not fit',
      { shutdown: '{ prototype: "void counter_free(counter *c)" }' },
      '/shutdown/args',
      /parameters \(1\), found 0$/,
    ],
    ['when it says no text', { lastError: '{ prototype: "int open_number(void)" }' }, '/last_error', /returns char \*/],
    [
      'when its handle is another',
      {
        init: '{ prototype: "counter *counter_new(const char *c)", args: [$config] }',
        shutdown: '{ prototype: "void counter_free(point *p)", args: [$handle] }',
      },
      '/shutdown/args/0',
      /\$handle is a counter \*, not point \*/,
    ],
  ])('%s', async (_when, life, place, message) => {
    expect(await problemsOf(number, declareLife(life))).toEqual([
      { pointer: `/backends/legacy${place}`, message: expect.stringMatching(message) as string },
    ]);
  });
});

describe('a type is refused', () => {
  const number = new Map([['n', declare('{ prototype: "int open_number(void)", args: [], result: json }')]]);
  test.each([
    ['that is unknown', '{ a: uint33_t }', '/a', /uint33_t is not a type/],
    ['of a field that is unknown', '{ a: { x: double, y: pint } }', '/a/y', /pint is not a type/],
    ['that contains itself', '{ a: { b: b }, b: { c: "c[2]" }, c: { a: a } }', '/c/a', /would contain itself/],
    ['that is only itself', '{ a: a * }', '/a', /only another name for itself: a → a$/],
    ['with a field without a size', '{ a: { v: void } }', '/a/v', /void has no size/],
    ['with an opaque field', '{ o: opaque, a: { o: o } }', '/a/o', /o has no size/],
    ['with an endless field', '{ a: { x: "char[0]" } }', '/a/x', /expected the number of elements/],
    ['of more than a MiB', '{ a: { x: "char[999999]", y: "char[999999]" } }', '/a', /larger than/],
    [
      'of more than memory can have',
      `{ a: { ${Array.from({ length: 20 }, (_, n) => `x${n}: "char[999999][999999]"`).join(', ')} } }`,
      '/a',
      /larger than/,
    ],
    ['with a word of C for a name', '{ int: long }', '/int', /a word of C/],
    ['that is a list', '{ a: "int[3]" }', '/a', /something follows it: \[/],
  ])('%s', async (_which, yaml, place, message) => {
    expect(await problemsOf(number, { types: declareTypes(yaml) })).toEqual([
      { pointer: `/backends/legacy/types${place}`, message: expect.stringMatching(message) as string },
    ]);
  });
});

test('a struct that is too large is told alone, whatever functions have it as an input or an output', async () => {
  const fields = Array.from({ length: 20 }, (_, n) => `x${n}: "char[999999][999999]"`).join(', ');
  const functions = {
    out: '{ prototype: "int open_number(big *b)", args: [{ out: /b }], result: { status: 0 } }',
    inout: '{ prototype: "int open_number(big *b)", args: [{ inout: /b }], result: { status: 0 } }',
    in: '{ prototype: "int open_number(const big *b)", args: [/b], result: json }',
    list: '{ prototype: "int open_number(big b[999999])", args: [{ out: /b }], result: { status: 0 } }',
    around: '{ prototype: "int open_number(around *b)", args: [{ out: /b }], result: { status: 0 } }',
    returned: '{ prototype: "big *open_number(void)", args: [], result: json }',
  };
  const types = declareTypes(`{ around: { big: "big[999999]" }, big: { ${fields} } }`);
  expect(await problemsOf(new Map(Object.entries(declareAll(functions))), { types })).toEqual([
    {
      pointer: '/backends/legacy/types/big',
      message: expect.stringMatching(/^a struct of \d+ bytes is larger/) as string,
    },
  ]);
});

test('an array of structs is refused when all of it is too large', async () => {
  const functions = {
    out: '{ prototype: "int open_number(big s[999999])", args: [{ out: /s }], result: { status: 0 } }',
    in: '{ prototype: "int open_number(const big s[17], size_t n)", args: [/s, { length: /s }], result: json }',
    fits: '{ prototype: "int open_number(big s[16])", args: [{ out: /s }], result: { status: 0 } }',
  };
  const types = declareTypes('{ big: { x: "char[999999]" } }');
  const message = expect.stringMatching(/an array of \d+ bytes is larger than 16777216/) as string;
  expect(await problemsOf(new Map(Object.entries(declareAll(functions))), { types })).toEqual([
    { pointer: '/backends/legacy/functions/out/prototype', message },
    { pointer: '/backends/legacy/functions/in/prototype', message },
  ]);
});

test('names that stand for one another only are told as a cycle', async () => {
  const message = 'it is only another name for itself: a → b → c → a';
  expect(await problemsOf(new Map(), { types: declareTypes('{ a: b, b: c, c: a }') })).toEqual(
    expect.arrayContaining(['a', 'b', 'c'].map((name) => ({ pointer: `/backends/legacy/types/${name}`, message }))),
  );
});
