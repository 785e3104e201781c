import { describe, expect, onTestFinished, test } from 'vitest';
import { openInProcess } from '#adapters/native/in-process/open.js';
import { openNative } from '#adapters/native/open.js';
import { type Backend, type Open, type Problem, Refused } from '#src/domain/backend.js';
import type { NativeSpec } from '#src/domain/native.js';
import type { NativeFunction } from '#src/domain/native-function.js';
import { callOf, textOf } from '../contract/calls.js';
import { FLAVOURS } from './containment.js';
import { declare, declareLife } from './declaring.js';
import { buffer, compile, scratch, specOf } from './libraries.js';

/** `environ` is the C library's. */
const DATA = ['initialised', 'zeroed', 'table', 'of_a_thread', 'nothing_in_it', 'untyped_table', 'environ'];

/** Where a library may run, and how it is opened there. */
const PLACES: readonly { place: string; open: Open<NativeSpec>; isolation: NativeSpec['isolation'] }[] = [
  ...FLAVOURS.map(({ flavour, options }) => ({
    place: `in a child ${flavour}`,
    open: openNative(options),
    isolation: 'process' as const,
  })),
  { place: 'in the gateway itself', open: openInProcess, isolation: 'in-process' },
];

/** Constants lie in a part of their own, or, as older linkers and those of other machines do it, among the code. */
const LAYOUTS: readonly (readonly [layout: string, flags: readonly string[]])[] = [
  ['constants apart', ['-Wl,-z,separate-code']],
  ['constants among the code', ['-Wl,-z,noseparate-code']],
];

const message = (symbol: string): string => `the symbol ${symbol} is data, not a function`;

const called = (name: string): string => `{ prototype: "int ${name}(void)", args: [], result: json }`;

describe.each(PLACES)('$place', ({ open, isolation }) => {
  test.each(LAYOUTS)('a symbol of data is refused as a function: %s', async (_layout, flags) => {
    const functions: Record<string, NativeFunction> = {};
    for (const symbol of DATA) {
      functions[`${symbol}-buffer`] = buffer(symbol);
      functions[`${symbol}-cstring`] = { convention: 'cstring', symbol };
      functions[`${symbol}-declared`] = declare(called(symbol));
    }
    const problems = await problemsOf(open, specOf(library(flags), functions, { isolation }));
    expect(problems).toEqual(
      DATA.flatMap((symbol) =>
        ['buffer/symbol', 'cstring/symbol', 'declared/prototype'].map((place) => ({
          pointer: `/backends/legacy/functions/${symbol}-${place}`,
          message: message(symbol),
        })),
      ),
    );
  });

  test('and for whatever else a library is called, all at once', async () => {
    const functions = {
      text: declare('{ prototype: "char *answer(void)", args: [], result: { as: text, free: table } }'),
      output: declare(
        '{ prototype: "int answer(char **to)", args: [{ out: text, free: zeroed }], result: { status: 0 } }',
      ),
      other: declare('{ prototype: "int other(void)", symbol: initialised, args: [], result: json }'),
    };
    const life = declareLife({
      init: 'initialised',
      shutdown: 'of_a_thread',
      lastError: '{ prototype: "const char *table(void)" }',
    });
    const problems = await problemsOf(open, specOf(library(), functions, { ...life, isolation, free: 'environ' }));
    expect(problems).toEqual([
      { pointer: '/backends/legacy/free', message: message('environ') },
      { pointer: '/backends/legacy/init', message: message('initialised') },
      { pointer: '/backends/legacy/shutdown', message: message('of_a_thread') },
      { pointer: '/backends/legacy/last_error', message: message('table') },
      { pointer: '/backends/legacy/functions/text/result/free', message: message('table') },
      { pointer: '/backends/legacy/functions/output/args/0', message: message('zeroed') },
      { pointer: '/backends/legacy/functions/other/symbol', message: message('initialised') },
    ]);
  });

  test('the C library’s own data does not free anything either, where the library has no such symbol', async () => {
    const alone = compile('clashing.c', scratch(), 'libclashing.so', ['-nostdlib']);
    const functions = { said: declare('{ prototype: "const char *uv_version_string(void)", args: [], result: text }') };
    expect(await problemsOf(open, specOf(alone, functions, { isolation, free: 'environ' }))).toEqual([
      { pointer: '/backends/legacy/free', message: message('environ') },
    ]);
  });

  test.each(LAYOUTS)('whatever can be called is called: %s', async (_layout, flags) => {
    const functions = {
      answer: declare(called('answer')),
      chosen: declare(called('chosen')),
      untyped: declare('{ prototype: "void untyped_function(void)", args: [], result: { as: none } }'),
      // The C library chooses this one, too.
      length: declare('{ prototype: "size_t strlen(const char *text)", args: [$text], result: json }'),
      now: declare('{ prototype: "int64_t time(void *none)", args: [null], result: json }'),
    };
    const backend = await open(specOf(library(flags), functions, { isolation }), () => undefined);
    onTestFinished(() => backend.close());
    const call = async (name: string): Promise<string> =>
      textOf((await backend.call(callOf(name, 'twelve bytes'))).output);
    expect(await Promise.all(['answer', 'chosen', 'untyped', 'length'].map(call))).toEqual(['42', '43', 'null', '12']);
    expect(Number(await call('now'))).toBeGreaterThan(1e9);
  });
});

function library(flags: readonly string[] = []): string {
  return compile('data.c', scratch(), 'libdata.so', flags);
}

async function problemsOf(open: Open<NativeSpec>, spec: NativeSpec): Promise<readonly Problem[]> {
  let backend: Backend;
  try {
    backend = await open(spec, () => undefined);
  } catch (error) {
    if (error instanceof Refused) return error.problems;
    throw error;
  }
  await backend.close();
  return [];
}
