import { expect, test } from 'vitest';
import { containedProcesses } from '#adapters/native/contained.js';
import { type Problem, Refused } from '#src/domain/backend.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import { assemble, forever, i32, unreachable } from '../assemble.js';
import { lanesOf, specOf } from '../harness.js';
import { isolate } from './processes.js';

const run = { run: i32(0) };
const fine = specOf(assemble({ functions: run }), ['run']);
const foreign = assemble({
  imports: [
    { module: 'elsewhere', name: 'upper', parameters: ['i64'], results: ['i64'] },
    { name: 'teleport', parameters: [], results: [] },
  ],
  functions: run,
});

async function problemsOf(opening: Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof Refused) return error.problems;
    throw error;
  }
  throw new Error('it was opened');
}

test.each<[string, WasmSpec]>([
  ['is not there', { ...fine, module: { ...fine.module, path: '/no/such.wasm' } }],
  ['is another by now', { ...fine, module: { ...fine.module, sha256: '0'.repeat(64) } }],
  ['is no wasm', specOf(Buffer.from('#!/bin/sh\n'), ['run'])],
  ['does not compile', specOf(assemble({ functions: { run: [0x6a] } }), ['run'])],
  ['imports what is not served', specOf(foreign, ['run'])],
  ['lacks exports', specOf(assemble({ functions: run }), ['run', 'walk', 'fly'])],
  [
    'starts over its memory',
    specOf(assemble({ memory: { minimum: 32 }, functions: run }), ['run'], { memory: 2 ** 21 }),
  ],
  ['traps when it starts', specOf(assemble({ functions: run, start: unreachable }), ['run'])],
])('a module that %s is refused in a process as in a thread', async (_what, spec) => {
  const inThread = await problemsOf(lanesOf({ lanes: 1 }).open(spec, () => undefined));
  expect(await problemsOf(isolate(spec))).toEqual(inThread);
});

test('a module is refused where no process can be had', async () => {
  const contained = containedProcesses();
  const start = (): never => {
    throw new Error('there are too many open files');
  };
  expect(await problemsOf(isolate(fine, { contained: { ...contained, start } }))).toEqual([
    { pointer: '/backends/wasm/isolation', message: 'no process can be started: there are too many open files' },
  ]);
});

test('a module whose start does not end is refused, and leaves no process', async () => {
  const endless = specOf(assemble({ functions: run, start: forever }), ['run']);
  expect(await problemsOf(isolate(endless, { startWithinMs: 300 }))).toEqual([
    { pointer: '/backends/wasm/module', message: 'tested: it did not start within 300 ms' },
  ]);
});
