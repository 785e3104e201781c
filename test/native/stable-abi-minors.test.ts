import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLibrary } from '#adapters/native/child/library/open-library.js';
import { addressOf } from '#adapters/native/child/libc.js';
import { CopyingOutgoing } from '#adapters/native/in-process/copying-outgoing.js';
import { openNative } from '#adapters/native/open.js';
import { ANSWER } from '#adapters/native/protocol/frames.js';
import type { LibraryOpening } from '#adapters/native/protocol/opening.js';
import { callOf, failureOf, textOf } from '../contract/calls.js';
import { fixture, sha256 } from './libraries.js';
import { compileText, INCLUDE, PLUGIN, stable, stableSpec } from './stable-abi.js';
import { Watch } from './watching.js';

interface Said {
  readonly kind: number;
  readonly status: number;
  readonly text: string;
}

/** A library as a gateway of this minor opens it: each call by the function's name. */
function openedBy(minor: number, path: string, functions: readonly string[]): (name: string, input: string) => Said {
  const opening: LibraryOpening = {
    plugin: 'tariff',
    path,
    sha256: sha256(path),
    size: null,
    config: {},
    outputLimit: 1 << 20,
    types: [],
    init: null,
    shutdown: null,
    lastError: null,
    free: 'free',
    abi: { requires: '^1' },
    functions: functions.map((name, id) => ({ id, name, declared: stable(name) })),
  };
  const outgoing = new CopyingOutgoing();
  const library = openLibrary(opening, null, outgoing, minor);
  if (!('runners' in library)) throw new Error(JSON.stringify(library));
  return (name, input) => {
    const body = Buffer.from(input);
    const run = library.runners.get(functions.indexOf(name));
    run?.({ sequence: 0, function: 0, deadline: 0, body: addressOf(body), length: body.length }, () => input);
    const { kind, status, body: answer } = outgoing.take();
    return { kind, status, text: answer.toString() };
  };
}

test.each([
  ['1.0', '1.0', ''],
  ['1.0', '1.1', ''],
  ['1.1', '1.0', ''],
  ['1.1', '1.1', 'byte 0 is no digit of a weight in grams'],
])('a plugin of %s works on a gateway of %s, with what both know', (plugin, gateway, words) => {
  const minor = Number(gateway.split('.')[1]);
  const call = openedBy(minor, fixture(`tariff-${plugin}`), ['postage', 'echo']);
  expect(call('postage', '20')).toEqual({ kind: ANSWER.ok, status: 0, text: '{"cents":95,"currency":"EUR"}' });
  expect(call('echo', 'same')).toEqual({ kind: ANSWER.ok, status: 0, text: 'same' });
  expect(call('postage', 'x')).toEqual({ kind: ANSWER.pluginError, status: 1, text: words });
});

test('a plugin of a minor that does not exist yet works: longer vtable, head and rows', () => {
  const header = readFileSync(join(INCLUDE, 'banyan_plugin.h'), 'utf8');
  const later = [
    ['#define BANYAN_ABI_MINOR 1', '#define BANYAN_ABI_MINOR 2'],
    ['} banyan_vtable;', 'void (*reload)(void *handle); } banyan_vtable;'],
    [
      '#define BANYAN_MINOR_1(FIELD) FIELD(banyan_vtable, last_error, BANYAN_POINTER)',
      '#define BANYAN_MINOR_1(FIELD) FIELD(banyan_vtable, last_error, BANYAN_POINTER) FIELD(banyan_vtable, reload, BANYAN_POINTER)',
    ],
    ['} banyan_descriptor_head;', 'uint32_t more[3]; } banyan_descriptor_head;'],
    ['} banyan_function_row;', 'uint32_t flags; } banyan_function_row;'],
    ['} banyan_type_row;', 'uint32_t more; } banyan_type_row;'],
  ].reduce((text, [from = '', to = '']) => {
    expect(text).toContain(from);
    return text.replace(from, to);
  }, header);
  const path = compileText(
    `${later}\n#define VTABLE create, destroy, free_output, NULL, (void (*)(void *))1\n${PLUGIN}`,
  );
  expect(openedBy(1, path, ['echo'])('echo', 'later')).toEqual({ kind: ANSWER.ok, status: 0, text: 'later' });
});

test("what lies behind the plugin's own count is not read, whatever it is", async () => {
  const path = compileText(
    `#include "banyan_plugin.h"
    #define banyan_plugin_vtable_1 hidden_vtable
    #define FUNCTIONS(FUNCTION) FUNCTION("echo", echo) FUNCTION("fail", fail)
    static int32_t fail(void *handle, const banyan_slice *input, banyan_buffer *output)
    { (void)handle; (void)input; (void)output; return 7; }
    #define VTABLE create, destroy, free_output
    ${PLUGIN}
    #undef banyan_plugin_vtable_1
    struct followed { banyan_vtable vtable; void *wild[4]; };
    extern __attribute__((visibility("default"))) const struct followed banyan_plugin_vtable_1;
    const struct followed banyan_plugin_vtable_1 = {
      { banyan_call_by_place, create, destroy, free_output }, { (void *)16, (void *)16, (void *)16, (void *)16 } };`,
    ['-DBANYAN_ABI_MINOR=0'],
  );
  const watch = new Watch();
  const backend = await openNative()(stableSpec(path, ['echo', 'fail']), watch.report);
  expect(await failureOf(backend.call(callOf('fail', '')))).toMatchObject({ code: 'plugin-error' });
  expect(textOf((await backend.call(callOf('echo', 'alive'))).output)).toBe('alive');
  expect(watch.restarts).toEqual([]);
  await backend.close();
});
