import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openNative } from '#adapters/native/open.js';
import { type Backend, Refused } from '#src/domain/backend.js';
import type { NativeSpec } from '#src/domain/native.js';
import { callOf, failureOf, textOf } from '../contract/calls.js';
import { fixture, scratch } from './libraries.js';
import { compileText, INCLUDE, PLUGIN, stableSpec } from './stable-abi.js';
import { Watch } from './watching.js';

const watch = (): Watch => new Watch();

async function open(spec: NativeSpec): Promise<Backend> {
  const backend = await openNative()(spec, () => undefined);
  onTestFinished(() => backend.close());
  return backend;
}

describe.each(['1.0', '1.1'])('a plugin of version %s of the ABI', (version) => {
  const path = fixture(`tariff-${version}`);

  test('answers by its vtable, under any name that the manifest gives its functions', async () => {
    const spec = stableSpec(path, ['postage', 'echo']);
    const functions = new Map([...spec.functions, ['same', { convention: 'stable', symbol: 'echo' } as const]]);
    const backend = await open({ ...spec, functions });
    expect(textOf((await backend.call(callOf('postage', '21'))).output)).toBe('{"cents":110,"currency":"EUR"}');
    expect(textOf((await backend.call(callOf('same', 'a\0b'))).output)).toBe('a\0b');
    expect(textOf((await backend.call(callOf('echo', ''))).output)).toBe('');
  });

  test('gets its configuration as JSON', async () => {
    const backend = await open(stableSpec(path, ['postage'], { config: new Map([['currency', 'CHF']]) }));
    expect(textOf((await backend.call(callOf('postage', '20'))).output)).toBe('{"cents":95,"currency":"CHF"}');
  });

  test('tells why it failed, where its minor has a word for it', async () => {
    const backend = await open(stableSpec(path, ['postage']));
    const failure = await failureOf(backend.call(callOf('postage', '2x')));
    expect(failure).toMatchObject({ code: 'plugin-error' });
    const said = JSON.stringify(failure);
    if (version === '1.1') expect(said).toContain('byte 1 is no digit');
    else expect(said).not.toContain('digit');
  });

  test('is refused with its own reason when it does not want to be created', async () => {
    const spec = stableSpec(path, ['postage'], { config: new Map([['currency', 'francs']]) });
    const reason = version === '1.1' ? 'the configuration needs a currency of three letters' : 'it does not say why';
    await expect(open(spec)).rejects.toMatchObject({
      problems: [{ pointer: '/backends/legacy/config', message: expect.stringContaining(reason) as string }],
    });
  });
});

test('a mismatched library is refused before any of its code has run, and not restarted', async () => {
  const marker = join(scratch(), 'marker');
  const constructor = `
    #include <stdio.h>
    __attribute__((constructor)) static void mark(void) { fclose(fopen("${marker}", "w")); }
  `;
  const path = compileText(constructor + PLUGIN);

  const watching = watch();
  const wrong = stableSpec(path, ['echo'], { plugin: 'pricing', containment: 'none' });
  await expect(openNative()(wrong, watching.report)).rejects.toBeInstanceOf(Refused);
  expect(existsSync(marker)).toBe(false);
  expect(watching.restarts).toEqual([]);

  // The same library does leave its mark when it is loaded.
  const backend = await open(stableSpec(path, ['echo'], { containment: 'none' }));
  expect(textOf((await backend.call(callOf('echo', 'x'))).output)).toBe('x');
  expect(existsSync(marker)).toBe(true);
});

test('a library without a descriptor is refused when the manifest asks for the stable ABI', async () => {
  await expect(open(stableSpec(fixture('faulty'), ['echo'], { plugin: 'faulty' }))).rejects.toMatchObject({
    problems: [{ pointer: '/backends/legacy/abi', message: 'it has no descriptor: no note of Banyan is in the file' }],
  });
});

test('a library of the stable ABI can have functions of other conventions beside', async () => {
  const path = compileText(`${PLUGIN}
    __attribute__((visibility("default"))) char *hello(const char *name) { return strdup(name); }`);
  const spec = stableSpec(path, ['echo']);
  const backend = await open({
    ...spec,
    functions: new Map([...spec.functions, ['hello', { convention: 'cstring', symbol: 'hello' } as const]]),
  });
  expect(textOf((await backend.call(callOf('hello', 'you'))).output)).toBe('you');
  expect(textOf((await backend.call(callOf('echo', 'me'))).output)).toBe('me');
});

test("lengths are not believed, and every output goes back to the plugin's own free", async () => {
  const path = compileText(`
    #define FUNCTIONS(FUNCTION) FUNCTION("echo", echo) FUNCTION("lie", lie) FUNCTION("null", null) FUNCTION("held", held)
    #include "banyan_plugin.h"
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    static long live;
    static int32_t answer(banyan_buffer *output, const void *data, size_t length)
    {
        char *block = (char *)malloc(16 + length);
        live++;
        memcpy(block, "own allocator 16", 16);
        memcpy(block + 16, data, length);
        output->data = (uint8_t *)block + 16;
        output->length = length;
        return 0;
    }
    static int32_t echo(void *h, const banyan_slice *in, banyan_buffer *out) { (void)h; return answer(out, in->data, in->length); }
    static int32_t lie(void *h, const banyan_slice *in, banyan_buffer *out)
    {
        (void)h;
        answer(out, in->data, in->length);
        out->length = (size_t)1 << 40;
        return 0;
    }
    static int32_t null(void *h, const banyan_slice *in, banyan_buffer *out) { (void)h; (void)in; out->length = SIZE_MAX; return 0; }
    static int32_t held(void *h, const banyan_slice *in, banyan_buffer *out)
    {
        char text[32];
        (void)h; (void)in;
        return answer(out, text, (size_t)snprintf(text, sizeof text, "%ld", live));
    }
    static void *create(const banyan_slice *config) { (void)config; return &live; }
    static void destroy(void *handle) { (void)handle; }
    static void free_output(void *handle, uint8_t *data, size_t length)
    {
        (void)length;
        if (handle != &live || memcmp(data - 16, "own allocator 16", 16) != 0) abort();
        live--;
        free(data - 16);
    }
    BANYAN_PLUGIN("tariff", "1.0.0", FUNCTIONS, BANYAN_NO_TYPES, create, destroy, free_output, NULL);
  `);
  const backend = await open(stableSpec(path, ['echo', 'lie', 'null', 'held'], { outputLimit: 1 << 20 }));
  expect(textOf((await backend.call(callOf('echo', 'abc'))).output)).toBe('abc');
  expect(await failureOf(backend.call(callOf('lie', 'abc')))).toMatchObject({ code: 'output-too-large' });
  expect(await failureOf(backend.call(callOf('null', 'abc')))).toMatchObject({ code: 'output-too-large' });
  expect(textOf((await backend.call(callOf('held', ''))).output)).toBe('0');
});

describe('the header', () => {
  const fixtureSource = join(INCLUDE, '../tariff.c');
  test.each([
    ['C99', 'gcc', ['-x', 'c', '-std=c99']],
    ['C++11', 'g++', ['-x', 'c++', '-std=c++11']],
    ['C++20', 'g++', ['-x', 'c++', '-std=c++20']],
  ])('compiles as strict %s, for both minors, and its note survives the linker', async (_as, compiler, language) => {
    for (const minor of [0, 1]) {
      const path = join(scratch(), 'libtariff.so');
      const strict = ['-Wall', '-Wextra', '-Werror', '-pedantic', `-DBANYAN_ABI_MINOR=${minor}`, '-I', INCLUDE];
      const lean = ['-O2', '-ffunction-sections', '-fdata-sections', '-fvisibility=hidden', '-Wl,--gc-sections', '-s'];
      execFileSync(compiler, [...language, ...strict, ...lean, '-fPIC', '-shared', '-o', path, fixtureSource]);
      const backend = await open(stableSpec(path, ['postage'], { abi: { requires: '^1.2' } }));
      expect(textOf((await backend.call(callOf('postage', '1000'))).output)).toBe('{"cents":290,"currency":"EUR"}');
    }
  });
});
