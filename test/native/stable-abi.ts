import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeSpec } from '#src/domain/native.js';
import type { NativeFunction } from '#src/domain/native-function.js';
import { scratch, specOf } from './libraries.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export const INCLUDE = join(ROOT, 'legacy-fixtures/include');

export const stable = (symbol: string): NativeFunction => ({ convention: 'stable', symbol });

/** A specification of a plugin of the stable ABI, as the registry makes it. */
export function stableSpec(path: string, functions: readonly string[], over: Partial<NativeSpec> = {}): NativeSpec {
  return specOf(path, Object.fromEntries(functions.map((name) => [name, stable(name)])), {
    plugin: 'tariff',
    abi: { requires: null },
    ...over,
  });
}

/** Compiles C text into a shared library of its own. */
export function compileText(source: string, flags: readonly string[] = [], compiler = 'cc'): string {
  const folder = join(scratch(), 'built');
  mkdirSync(folder);
  const file = join(folder, compiler === 'c++' ? 'plugin.cpp' : 'plugin.c');
  const library = join(folder, 'libplugin.so');
  writeFileSync(file, source);
  execFileSync(compiler, ['-shared', '-fPIC', '-I', INCLUDE, '-o', library, file, ...flags], { stdio: 'pipe' });
  return library;
}

/** A plugin named `tariff` with the function `echo`; the macros are where a test makes it another. */
export const PLUGIN = `
#include "banyan_plugin.h"
#include <stdlib.h>
#include <string.h>
#ifdef BEFORE
BEFORE
#endif
static int32_t echo(void *handle, const banyan_slice *input, banyan_buffer *output)
{
    (void)handle;
    output->data = (uint8_t *)malloc(input->length + 1);
    memcpy(output->data, input->data, input->length);
    output->length = input->length;
    return 0;
}
static void *create(const banyan_slice *config) { (void)config; return malloc(1); }
static void destroy(void *handle) { free(handle); }
static void free_output(void *handle, uint8_t *data, size_t length) { (void)handle; (void)length; free(data); }
#ifndef NAME
#define NAME "tariff"
#endif
#ifndef VERSION
#define VERSION "1.2.0"
#endif
#ifndef FUNCTIONS
#define FUNCTIONS(FUNCTION) FUNCTION("echo", echo)
#endif
#ifndef TYPES
#define TYPES BANYAN_NO_TYPES
#endif
#ifndef VTABLE
#define VTABLE create, destroy, free_output, NULL
#endif
BANYAN_PLUGIN(NAME, VERSION, FUNCTIONS, TYPES, VTABLE);
`;
