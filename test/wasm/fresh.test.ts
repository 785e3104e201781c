import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import { callOf, Events, failureOf, FAULTY, lanesOf, linkOf, specOf, textOf } from './harness.js';
import { wat } from './wat.js';

const FRESH = { instance: 'fresh' } as const;

/** Eight bytes of an answer as a number. */
async function numberOf(backend: Backend, name: string, input = ''): Promise<number> {
  return Number(Buffer.from((await backend.call(callOf(name, input))).output).readBigUInt64LE());
}

/** GiB of address space that this process has reserved. */
function reserved(): number {
  return Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 2 ** 20;
}

describe('instance: fresh', () => {
  it('leaves no vars to the next call; without it they stay', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const fresh = await lanes.open(specOf('reverse.wasm', ['visits'], FRESH), () => undefined);
    const reused = await lanes.open(specOf('reverse.wasm', ['visits']), () => undefined);
    for (const call of [1, 2, 3]) {
      expect(await numberOf(fresh, 'visits')).toBe(1);
      expect(await numberOf(reused, 'visits')).toBe(call);
    }
  });

  it('leaves no memory, global or table to the next call, nor that of a linked module', async () => {
    const module = wat(`(module
      (import "extism:host/user" "calls" (func $linked (result i32)))
      (memory 1)
      (global $calls (mut i32) (i32.const 0))
      (table $table 1 funcref)
      (func (export "run") (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 10)))
        (drop (table.grow $table (ref.null func) (i32.const 1)))
        (i32.add
          (i32.add (global.get $calls) (i32.load (i32.const 0)))
          (i32.add (i32.mul (table.size $table) (i32.const 100)) (call $linked)))))`);
    const user = wat(`(module
      (memory 1)
      (func (export "calls") (result i32)
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1000)))
        (i32.load (i32.const 0))))`);
    const link = linkOf({ 'extism:host/user': user });
    const lanes = lanesOf({ lanes: 1 });
    const fresh = await lanes.open(specOf(module, ['run'], { link, ...FRESH }), () => undefined);
    const reused = await lanes.open(specOf(module, ['run'], { link }), () => undefined);
    expect(await failureOf(reused, callOf('run'))).toMatchObject({ status: 1211 });
    expect(await failureOf(reused, callOf('run'))).toMatchObject({ status: 2322 });
    for (let call = 0; call < 3; call++) expect(await failureOf(fresh, callOf('run'))).toMatchObject({ status: 1211 });
  });

  it('runs the start of a module within each call, once, and not ahead of one', async () => {
    const module = wat(`(module
      (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (import "extism:host/env" "log_info" (func $log_info (param i64)))
      (func (export "_initialize") (call $log_info (call $alloc (i64.const 1))))
      (func (export "run")))`);
    const lanes = lanesOf({ lanes: 1 });
    const events = new Events();
    const backend = await lanes.open(specOf(module, ['run'], FRESH), events.report);
    for (let call = 0; call < 3; call++) await backend.call(callOf('run'));
    await lanes.close();
    // One more when it was opened, away from the lanes that serve.
    expect(events.lines()).toHaveLength(4);
  });

  it('goes wrong as another one does, and the next call is fine', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const backend = await lanes.open(specOf('faulty.wasm', FAULTY, FRESH), () => undefined);
    for (const name of ['segfault', 'overflow', 'error', 'wild']) {
      expect(await failureOf(backend, callOf(name))).toMatchObject({
        code: name === 'error' ? 'plugin-error' : 'trapped',
      });
      expect(await textOf(backend, callOf('echo', 'still here'))).toBe('still here');
    }
    const loop = callOf('loop');
    const late = failureOf(backend, loop);
    setTimeout(() => loop.stop('timeout'), 300);
    expect(await late).toMatchObject({ code: 'timeout' });
    expect(await textOf(backend, callOf('echo', 'still here'))).toBe('still here');
    // 64 MiB a call would be too much for an instance that is kept.
    const leaking = await lanes.open(
      specOf('faulty.wasm', FAULTY, { ...FRESH, memory: 100 * 1024 * 1024 }),
      () => undefined,
    );
    for (let call = 0; call < 3; call++) expect(await textOf(leaking, callOf('leak'))).toBe('leaked 64 MiB');
  });

  it('does not run out of address space in 100,000 calls', { timeout: 240_000 }, async () => {
    // A memory without a page weighs nothing, so that the engine sees no reason to collect it; it reserves as much as any.
    const module = wat('(module (memory 0) (func (export "run")))');
    const lanes = lanesOf({ lanes: 2 });
    const backend = await lanes.open(specOf(module, ['run'], FRESH), () => undefined);
    let most = 0;
    for (let calls = 0; calls < 100_000; calls += 100) {
      await Promise.all(Array.from({ length: 100 }, () => backend.call(callOf('run'))));
      most = Math.max(most, reserved());
    }
    // Of some 130,000 there are.
    expect(most).toBeLessThan(25_000);
  });
});
