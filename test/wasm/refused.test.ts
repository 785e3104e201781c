import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Problem, Refused } from '#src/domain/backend.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import { limitModule } from '#adapters/wasm/parent/limit-module.js';
import { assemble, forever, i32, unreachable } from './assemble.js';
import { callOf, Events, lanesOf, specOf, textOf } from './harness.js';

const MODULE = '/backends/wasm/module';

/** Why a backend was refused: what `open` rejected with, and what it reported. */
async function problemsOf(spec: WasmSpec): Promise<readonly Problem[]> {
  const lanes = lanesOf({ lanes: 1 });
  const events = new Events();
  try {
    await lanes.open(spec, events.report);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    expect(events.all.at(-1)).toEqual({ type: 'state', state: { state: 'refused', problems: error.problems } });
    return error.problems;
  }
  throw new Error('it was opened');
}

const saying = (pointer: string, text: string | RegExp): Problem => ({
  pointer,
  message: expect.stringMatching(text) as string,
});

describe('a module is refused', () => {
  it('that is no wasm', async () => {
    const text = Buffer.from('#!/bin/sh\necho no\n');
    expect(await problemsOf(specOf(text, ['run']))).toEqual([
      saying(MODULE, /^module\.wasm is not a WebAssembly module: it does not begin with/),
    ]);
    expect(await problemsOf(specOf(new Uint8Array(0), ['run']))).toEqual([
      saying(MODULE, 'is not a WebAssembly module'),
    ]);
  });

  it('that is cut off, wherever it is cut', async () => {
    const whole = assemble({ memory: { minimum: 1 }, functions: { run: i32(0) } });
    for (let length = 8; length < whole.length; length += 37) {
      const [problem] = await problemsOf(specOf(whole.subarray(0, length), ['run']));
      expect(problem?.pointer).toMatch(/^\/backends\/wasm\//);
    }
  });

  it('that does not compile', async () => {
    const module = assemble({ functions: { run: [0x6a] } });
    expect(await problemsOf(specOf(module, ['run']))).toEqual([saying(MODULE, /does not compile: .*i32\.add/)]);
  });

  it('that has changed since it was hashed', async () => {
    const spec = specOf(assemble({ functions: { run: i32(0) } }), ['run']);
    writeFileSync(spec.module.path, assemble({ functions: { run: i32(1) } }));
    expect(await problemsOf(spec)).toEqual([
      { pointer: MODULE, message: 'module.wasm has changed since it was hashed' },
    ]);
  });

  it('that is not there', async () => {
    const spec = specOf(assemble({ functions: { run: i32(0) } }), ['run']);
    const path = `${spec.module.path}.gone`;
    expect(await problemsOf({ ...spec, module: { ...spec.module, path } })).toEqual([
      saying(MODULE, /cannot read .*gone/),
    ]);
  });

  it('that imports what is not served: every import is named at once', async () => {
    const module = assemble({
      imports: [
        { module: 'extism:host/user', name: 'upper', parameters: ['i64'], results: ['i64'] },
        { name: 'alloc', parameters: ['i64'], results: ['i64'] },
        { name: 'teleport', parameters: [], results: [] },
      ],
      functions: { run: i32(0) },
    });
    expect(await problemsOf(specOf(module, ['run']))).toEqual([
      saying(MODULE, 'imports the function "upper" from "extism:host/user", which is not served'),
      saying(MODULE, 'imports the function "teleport" from "extism:host/env"'),
    ]);
  });

  it('that imports a served function with another type', async () => {
    const module = assemble({
      imports: [{ name: 'alloc', parameters: ['i32'], results: [] }],
      functions: { run: i32(0) },
    });
    expect(await problemsOf(specOf(module, ['run']))).toEqual([
      saying(MODULE, /"alloc" from "extism:host\/env", as \(i32\); in the gateway it is \(i64\) -> i64$/),
    ]);
  });

  it('that lacks exports: each function is named, with what there is', async () => {
    const spec = specOf('vowels.wasm', [], {
      functions: new Map([
        ['count', 'count'],
        ['a/b', 'missing'],
        ['data', 'memory'],
      ]),
    });
    expect(await problemsOf(spec)).toEqual([
      saying('/backends/wasm/functions/a~1b/export', /no function export "missing".*count, list/),
      saying('/backends/wasm/functions/data/export', /no function export "memory"/),
    ]);
  });

  it('whose memory starts at its limit or above it', async () => {
    const module = assemble({ memory: { minimum: 32 }, functions: { run: i32(0) } });
    expect(await problemsOf(specOf(module, ['run'], { memory: 2 * 1024 * 1024 }))).toEqual([
      saying('/backends/wasm/memory', /starts with 2097152 bytes/),
    ]);
  });

  it('whose start traps, or does not end', async () => {
    const trapping = assemble({ functions: { run: i32(0) }, start: unreachable });
    expect(await problemsOf(specOf(trapping, ['run']))).toEqual([saying(MODULE, 'could not be started: unreachable')]);
    const endless = assemble({ functions: { run: i32(0) }, start: forever });
    const lanes = lanesOf({ lanes: 1, startWithinMs: 300 });
    await expect(lanes.open(specOf(endless, ['run']), () => undefined)).rejects.toThrow(/did not start within 300 ms/);
    const after = await lanes.open(specOf('vowels.wasm', ['count']), () => undefined);
    expect(await textOf(after, callOf('count', 'aeiou'))).toBe('{"count":5}');
  });

  it('whose export takes arguments', async () => {
    // An imported function, exported again.
    const spec = specOf(assemble({ functions: { run: i32(0) }, again: 'alloc' }), ['run', 'alloc']);
    expect(await problemsOf(spec)).toEqual([
      saying('/backends/wasm/functions/alloc/export', /export "alloc" is \(i64\) -> i64, .* takes no arguments/),
    ]);
  });
});

describe('the limits in a module', () => {
  it('are lowered to those of its backend and never raised', () => {
    const maximumOf = (bytes: Uint8Array): number => {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      const memory = exports['memory'] as WebAssembly.Memory;
      let pages = memory.buffer.byteLength / 65_536;
      for (;;)
        try {
          memory.grow(1);
          pages++;
        } catch {
          return pages;
        }
    };
    const sketch = (memory: { minimum: number; maximum?: number }): Uint8Array =>
      assemble({ imports: [], memory, functions: { run: i32(0) } });
    expect(maximumOf(limitModule(sketch({ minimum: 1 }), 10 * 65_536).apply())).toBe(10);
    expect(maximumOf(limitModule(sketch({ minimum: 1, maximum: 60_000 }), 200 * 65_536 + 5).apply())).toBe(200);
    expect(maximumOf(limitModule(sketch({ minimum: 1, maximum: 3 }), 10 * 65_536).apply())).toBe(3);
    expect(limitModule(sketch({ minimum: 7 }), 10 * 65_536).minimum).toBe(7 * 65_536);
  });

  it('leave a module without memory as it is', () => {
    const module = assemble({ imports: [], functions: { run: i32(0) } });
    expect(Buffer.compare(limitModule(module, 65_536).apply(), module)).toBe(0);
  });
});
