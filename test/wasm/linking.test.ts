import { describe, expect, it } from 'vitest';
import type { Backend, Problem } from '#src/domain/backend.js';
import { Refused } from '#src/domain/backend.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import { callOf, Events, failureOf, lanesOf, linkOf, specOf, textOf } from './harness.js';
import { wat } from './wat.js';

const MIB = 1024 * 1024;
const MODULE = '/backends/wasm/module';
const LINK_USER = '/backends/wasm/link/extism:host~1user';

const SHOUT = { link: linkOf({ 'extism:host/user': 'upper.wasm' }) };
const PARITY = { link: linkOf({ even: 'even.wasm', odd: 'odd.wasm' }) };

async function open(spec: WasmSpec, events = new Events()): Promise<Backend> {
  return lanesOf({ lanes: 1 }).open(spec, events.report);
}

async function problemsOf(spec: WasmSpec): Promise<readonly Problem[]> {
  try {
    await open(spec);
  } catch (error) {
    if (error instanceof Refused) return error.problems;
    throw error;
  }
  throw new Error('it was opened');
}

async function countOf(backend: Backend): Promise<bigint> {
  return Buffer.from((await backend.call(callOf('calls'))).output).readBigUInt64LE();
}

describe('a linked module', () => {
  it('serves host functions of the plugin: handles, config, vars and log are the same in both', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const events = new Events();
    const backend = await lanes.open(specOf('shout.wasm', ['shout', 'calls'], SHOUT), events.report);
    expect(await textOf(backend, callOf('shout', 'hello, 2 worlds'))).toBe('HELLO, 2 WORLDS');
    expect(await textOf(backend, callOf('shout', 'x'.repeat(100_000)))).toBe('X'.repeat(100_000));
    await lanes.close();
    expect(events.lines()[0]).toBe('info: HELLO, 2 WORLDS');
  });

  it('has a memory of its own, which its start has written, and keeps it between calls', async () => {
    const backend = await open(specOf('shout.wasm', ['shout', 'calls'], SHOUT));
    expect(await countOf(backend)).toBe(100n);
    await backend.call(callOf('shout', 'a'));
    await backend.call(callOf('shout', 'b'));
    expect(await countOf(backend)).toBe(102n);
  });

  it('is made anew with the plugin after a trap in either of them', async () => {
    const trapping = (where: string): Uint8Array =>
      wat(`(module
        (import "extism:host/user" "mark" (func $mark (param i32) (result i32)))
        (import "extism:host/env" "input_length" (func $input_length (result i64)))
        (func (export "run") (result i32)
          (i32.add (call $mark (i32.wrap_i64 (call $input_length))) (i32.const 0))
          ${where}))`);
    const mark = wat(`(module
      (global $calls (mut i32) (i32.const 0))
      (func (export "mark") (param $trap i32) (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (if (i32.eq (local.get $trap) (i32.const 9)) (then unreachable))
        (global.get $calls)))`);
    const backend = await open(specOf(trapping(''), ['run'], { link: linkOf({ 'extism:host/user': mark }) }));
    // It returns how often `mark` was called, as a status.
    expect(await failureOf(backend, callOf('run', 'a'))).toMatchObject({ status: 1 });
    expect(await failureOf(backend, callOf('run', 'b'))).toMatchObject({ status: 2 });
    expect(await failureOf(backend, callOf('run', '9 letters'))).toMatchObject({ code: 'trapped' });
    expect(await failureOf(backend, callOf('run', 'c'))).toMatchObject({ status: 1 });
  });

  it('belongs to one plugin: another one that is linked with the same file has its own instance', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const spec = specOf('shout.wasm', ['shout', 'calls'], SHOUT);
    const [one, two] = [await lanes.open(spec, () => undefined), await lanes.open(spec, () => undefined)];
    await one.call(callOf('shout', 'a'));
    expect(await countOf(one)).toBe(101n);
    expect(await countOf(two)).toBe(100n);
  });

  it('is needed by nobody, and does no harm', async () => {
    const backend = await open(specOf('vowels.wasm', ['count'], SHOUT));
    expect(await textOf(backend, callOf('count', 'aeiou'))).toBe('{"count":5}');
  });

  it('comes before what the gateway serves under the same name, which serves the rest', async () => {
    const main = wat(`(module
      (import "other" "length" (func $length (param i64) (result i64)))
      (import "extism:host/env" "length" (func $real (param i64) (result i64)))
      (func (export "run") (result i32) (i32.wrap_i64 (i64.add (call $length (i64.const 5)) (call $real (i64.const 5))))))`);
    const other = wat('(module (func (export "length") (param i64) (result i64) (i64.const 7)))');
    const backend = await open(specOf(main, ['run'], { link: linkOf({ other }) }));
    expect(await failureOf(backend, callOf('run'))).toMatchObject({ status: 7 });
  });
});

describe('modules in a circle', () => {
  it('call one another, and use the memory and the global of one of them', async () => {
    const backend = await open(specOf('parity.wasm', ['parity'], PARITY));
    expect(await textOf(backend, callOf('parity', '\x04'))).toBe('even\x02\0');
    expect(await textOf(backend, callOf('parity', '\x05\x02'))).toBe('odd \x04\0');
  });

  it('that call one another for ever overflow the stack, and the next call is fine', async () => {
    const endless = wat(`(module
      (import "even" "is_even" (func $is_even (param i32) (result i32)))
      (func (export "is_odd") (param i32) (result i32) (call $is_even (i32.const 9)))
      (memory (export "memory") 1)
      (global (export "depth") (mut i32) (i32.const 0)))`);
    const link = linkOf({ even: 'even.wasm', odd: endless });
    const backend = await open(specOf('parity.wasm', ['parity'], { link }));
    expect(await failureOf(backend, callOf('parity', '\x05'))).toEqual({ code: 'trapped', detail: 'stack overflow' });
    // Zero is even without asking the other one.
    expect(await textOf(backend, callOf('parity', '\0'))).toBe('\0'.repeat(6));
  });

  it('cannot be called from a start before the one that is called is there: that is refused, and says which', async () => {
    const hasty = wat(`(module
      (import "main" "run" (func $run (result i32)))
      (func (export "f") (result i32) (i32.const 0))
      (func $start (drop (call $run)))
      (start $start))`);
    const main = wat(`(module
      (import "hasty" "f" (func $f (result i32)))
      (func (export "run") (result i32) (call $f)))`);
    expect(await problemsOf(specOf(main, ['run'], { link: linkOf({ hasty }) }))).toEqual([
      {
        pointer: MODULE,
        message:
          'tested: it could not be started: hasty.wasm: "run" was called before the module that has it was there',
      },
    ]);
  });

  it('can share nothing but functions in one: what else they import is named', async () => {
    const left = wat(`(module
      (import "right" "f" (func $f))
      (memory (export "memory") 1)
      (func (export "run") (result i32) (i32.const 0)))`);
    const right = wat('(module (import "main" "memory" (memory 1)) (func (export "f")))');
    expect(await problemsOf(specOf(left, ['run'], { link: linkOf({ right }) }))).toEqual([
      {
        pointer: '/backends/wasm/link/right',
        message:
          'right.wasm: it imports the memory "memory" from "main", in a circle: only functions can be imported in one',
      },
    ]);
  });
});

describe('linking is refused', () => {
  it('with every import that nobody serves, over all modules', async () => {
    const main = wat(`(module
      (import "extism:host/user" "upper" (func (param i64) (result i64)))
      (import "extism:host/user" "lower" (func (param i64) (result i64)))
      (import "elsewhere" "f" (func))
      (func (export "run") (result i32) (i32.const 0)))`);
    const user = wat(`(module
      (import "env" "abort" (func (param i32 i32 i32 i32)))
      (import "extism:host/env" "teleport" (func))
      (memory (export "upper") 1)
      (func (export "toString")))`);
    expect(await problemsOf(specOf(main, ['run'], { link: linkOf({ 'extism:host/user': user }) }))).toEqual([
      {
        pointer: MODULE,
        message:
          'module.wasm: it imports the function "upper" from "extism:host/user", which is a memory in extism:host-user.wasm',
      },
      {
        pointer: MODULE,
        message:
          'module.wasm: it imports the function "lower" from "extism:host/user", which extism:host-user.wasm does not export; its function exports are: toString',
      },
      { pointer: MODULE, message: 'module.wasm: it imports the function "f" from "elsewhere", which is not served' },
      {
        pointer: LINK_USER,
        message: 'extism:host-user.wasm: it imports the function "abort" from "env", which is not served',
      },
      {
        pointer: LINK_USER,
        message:
          'extism:host-user.wasm: it imports the function "teleport" from "extism:host/env", which is not served',
      },
    ]);
  });

  it('when the types on both sides differ: both are told', async () => {
    const main = wat(`(module
      (import "a" "f" (func (param i64 f32) (result i32)))
      (import "extism:host/env" "log_info" (func (param i32)))
      (func (export "run") (result i32) (i32.const 0)))`);
    const a = wat('(module (func (export "f") (param i64 f64) (result i32 i64) (i32.const 0) (i64.const 0)))');
    expect(await problemsOf(specOf(main, ['run'], { link: linkOf({ a }) }))).toEqual([
      {
        pointer: MODULE,
        message:
          'module.wasm: it imports the function "f" from "a", as (i64, f32) -> i32; in a.wasm it is (i64, f64) -> (i32, i64)',
      },
      {
        pointer: MODULE,
        message:
          'module.wasm: it imports the function "log_info" from "extism:host/env", as (i32); in the gateway it is (i64)',
      },
    ]);
  });

  it('when memories, tables or globals do not fit: in the words of the engine, with the file', async () => {
    const main = wat(`(module
      (import "a" "memory" (memory 3))
      (func (export "run") (result i32) (i32.const 0)))`);
    const a = wat('(module (memory (export "memory") 1))');
    const [problem] = await problemsOf(specOf(main, ['run'], { link: linkOf({ a }) }));
    expect(problem?.message).toMatch(/^tested: it could not be started: module\.wasm: .*memory/);
  });

  it('for every file that is not what was hashed, or no module', async () => {
    const spec = specOf('vowels.wasm', ['count'], { link: linkOf({ a: new Uint8Array(8), b: 'upper.wasm' }) });
    const b = { ...spec.link.get('b')!, sha256: '0'.repeat(64) };
    expect(await problemsOf({ ...spec, link: new Map([...spec.link, ['b', b]]) })).toEqual([
      {
        pointer: '/backends/wasm/link/a',
        message: 'a.wasm is not a WebAssembly module: it does not begin with "\\0asm"',
      },
      { pointer: '/backends/wasm/link/b', message: 'upper.wasm has changed since it was hashed' },
    ]);
  });

  it('when a linked module traps in its start, or does not end it; and the plugins beside it are unharmed', async () => {
    const main = wat('(module (import "a" "f" (func)) (func (export "run") (result i32) (i32.const 0)))');
    const trapping = wat('(module (func (export "f")) (func $start unreachable) (start $start))');
    const endless = wat('(module (func (export "f")) (func (export "_initialize") (loop $l (br $l))))');
    const lanes = lanesOf({ lanes: 1, startWithinMs: 2_000 });
    const spec = (a: Uint8Array): WasmSpec => specOf(main, ['run'], { link: linkOf({ a }) });
    await expect(lanes.open(spec(trapping), () => undefined)).rejects.toThrow(
      'it could not be started: a.wasm: unreachable',
    );
    await expect(lanes.open(spec(endless), () => undefined)).rejects.toThrow(/did not start within 2000 ms/);
    const after = await lanes.open(specOf('vowels.wasm', ['count']), () => undefined);
    expect(await textOf(after, callOf('count', 'aeiou'))).toBe('{"count":5}');
  });
});

describe('the memory limit', () => {
  const main = wat(`(module
    (import "big" "grow" (func $grow (param i32) (result i32)))
    (import "extism:host/env" "input_length" (func $input_length (result i64)))
    (memory (export "memory") 16)
    (func (export "grow") (result i32)
      (drop (call $grow (i32.wrap_i64 (call $input_length)))) (i32.const 0))
    (func (export "both") (result i32)
      (drop (memory.grow (i32.wrap_i64 (call $input_length))))
      (drop (call $grow (i32.wrap_i64 (call $input_length))))
      (i32.const 0))
    (func (export "most") (result i32) (call $grow (i32.wrap_i64 (call $input_length)))))`);
  // A memory that it does not export, and declares a larger maximum for.
  const big = wat(`(module
    (memory 32 60000)
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`);
  const spec = specOf(main, ['grow', 'both', 'most'], { memory: 4 * MIB, link: linkOf({ big }) });

  it('holds for the memories of all modules together, also for one that no module exports', async () => {
    const backend = await open(spec);
    // 1 MiB and 2 MiB from the start: 12 pages more fit, twice as many do not.
    expect(await textOf(backend, callOf('grow', 'x'.repeat(12)))).toBe('');
    expect(await failureOf(backend, callOf('both', 'x'.repeat(3)))).toMatchObject({
      code: 'trapped',
      detail: expect.stringMatching(/^out of memory: \d+ bytes used of a limit of 4194304$/) as string,
    });
    expect(await textOf(backend, callOf('grow', 'x'.repeat(12)))).toBe('');
  });

  it('leaves to each module what the others do not have from their start', async () => {
    const backend = await open(spec);
    // 64 pages in all, 16 of them the plugin's: from 32 the linked one cannot grow by 17.
    expect(await failureOf(backend, callOf('most', 'x'.repeat(17)))).toMatchObject({ status: -1 });
  });

  it('is refused when the modules start with all of it', async () => {
    expect(await problemsOf({ ...spec, memory: 3 * MIB })).toEqual([
      {
        pointer: '/backends/wasm/memory',
        message:
          'module.wasm, big.wasm start with 3145728 bytes of memory, which leaves nothing of the limit of 3145728 for calls',
      },
    ]);
  });
});
