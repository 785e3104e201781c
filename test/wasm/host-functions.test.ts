import { describe, expect, it } from 'vitest';
import { makeVars } from '#adapters/wasm/lane/vars.js';
import { rateBounded } from '#adapters/wasm/lane/log.js';
import { answer, assemble, block, get, host, i32, i64, set } from './assemble.js';
import { callOf, Events, failureOf, lanesOf, specOf, textOf } from './harness.js';
import { wat } from './wat.js';

const input = [...host('input_offset'), ...set(1)];
const done = i32(0);

/** Answers with what `name` gives for the input as a key. */
const lookUp = (name: string): number[] => [...input, ...get(1), ...host(name), ...set(0), ...answer(0), ...done];

describe('config', () => {
  const module = assemble({ functions: { ask: lookUp('config_get') } });

  it('is what the manifest gives, and nothing that a prototype might add', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const config = new Map([
      ['currency', 'EUR'],
      ['näme', 'grüße'],
      ['empty', ''],
    ]);
    const backend = await lanes.open(specOf(module, ['ask'], { config }), () => undefined);
    expect(await textOf(backend, callOf('ask', 'currency'))).toBe('EUR');
    expect(await textOf(backend, callOf('ask', 'näme'))).toBe('grüße');
    for (const key of ['empty', 'Currency', 'toString', '__proto__', 'constructor'])
      expect(await textOf(backend, callOf('ask', key))).toBe('');
  });
});

describe('vars', () => {
  const module = assemble({
    functions: {
      // Keeps the input as `x`.
      keep: [...block('x', 0), ...input, ...get(0), ...get(1), ...host('var_set'), ...done],
      forget: [...block('x', 0), ...get(0), ...i64(0n), ...host('var_set'), ...done],
      recall: [...block('x', 1), ...get(1), ...host('var_get'), ...set(0), ...answer(0), ...done],
      wild: [...block('x', 0), ...get(0), ...i64(1n << 40n), ...host('var_set'), ...done],
    },
  });
  const names = ['keep', 'forget', 'recall', 'wild'];

  it('outlive a call, belong to one plugin, and end when they are removed', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const backend = await lanes.open(specOf(module, names), () => undefined);
    const other = await lanes.open(specOf(module, names), () => undefined);
    await backend.call(callOf('keep', 'first'));
    await backend.call(callOf('keep', 'second'));
    expect(await textOf(backend, callOf('recall'))).toBe('second');
    expect(await textOf(other, callOf('recall'))).toBe('');
    await backend.call(callOf('forget'));
    expect(await textOf(backend, callOf('recall'))).toBe('');
  });

  it('over their limit trap, and go with the instance', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const backend = await lanes.open(specOf(module, names), () => undefined);
    await backend.call(callOf('keep', 'x'.repeat(1_000_000)));
    expect(await failureOf(backend, callOf('keep', 'x'.repeat(1_100_000)))).toEqual({
      code: 'trapped',
      detail: 'its vars are over their limit of 1048576 bytes',
    });
    expect(await textOf(backend, callOf('recall'))).toBe('');
  });

  it('cannot be set from what is no block', async () => {
    const backend = await lanesOf({ lanes: 1 }).open(specOf(module, names), () => undefined);
    expect(await failureOf(backend, callOf('wild'))).toEqual({
      code: 'trapped',
      detail: 'var_set with offset 0x10000000000, which is no block',
    });
  });

  it('count their names, and what was replaced or removed no longer', () => {
    const vars = makeVars(1000);
    expect(vars.set('a', new Uint8Array(800))).toBe(true);
    expect(vars.set('a', new Uint8Array(900))).toBe(true);
    expect(vars.set('b'.repeat(100), new Uint8Array(0))).toBe(false);
    vars.delete('a');
    vars.delete('never set');
    expect(vars.set('b'.repeat(100), new Uint8Array(700))).toBe(true);
  });
});

describe('logging', () => {
  const module = assemble({
    functions: {
      info: [...input, ...get(1), ...host('log_info'), ...done],
      debug: [...input, ...get(1), ...host('log_debug'), ...done],
      level: [...host('get_log_level')],
      wild: [...i64(77n), ...host('log_info'), ...done],
    },
  });

  it('reports a line with its level, and leaves out what is less than info', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const events = new Events();
    const backend = await lanes.open(specOf(module, ['info', 'debug', 'level', 'wild']), events.report);
    await backend.call(callOf('info', 'hello'));
    await backend.call(callOf('debug', 'not this'));
    await backend.call(callOf('info', 'x'.repeat(10_000)));
    expect(await failureOf(backend, callOf('level'))).toMatchObject({ status: 2 });
    expect(await failureOf(backend, callOf('wild'))).toMatchObject({ code: 'trapped' });
    await lanes.close();
    expect(events.lines()).toEqual(['info: hello', `info: ${'x'.repeat(4096)}`]);
  });

  it('takes its lines: a guest that frees none of them may log more than its memory holds', async () => {
    const loop = wat(`(module
      (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (import "extism:host/env" "length" (func $length (param i64) (result i64)))
      (import "extism:host/env" "log_debug" (func $log (param i64)))
      (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
      (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
      (func (export "run") (result i32)
        (local $left i32) (local $handle i64)
        (local.set $left (i32.const 10000))
        (loop $again
          (local.set $handle (call $alloc (i64.const 10000)))
          (call $log (local.get $handle))
          (drop (call $config_get (call $alloc (i64.const 10000))))
          (call $var_set (call $alloc (i64.const 10000)) (call $alloc (i64.const 10000)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $again (local.get $left)))
        (i32.wrap_i64 (call $length (local.get $handle)))))`);
    const backend = await lanesOf({ lanes: 1 }).open(specOf(loop, ['run'], { memory: 1_000_000 }), () => undefined);
    expect(await textOf(backend, callOf('run'))).toBe('');
  });

  it('passes a hundred lines a second, and then says how many it left out', () => {
    const lines: string[] = [];
    let now = 5_000;
    const log = rateBounded(
      (line) => lines.push(line),
      () => now,
    );
    for (let line = 0; line < 150; line++) log(`line ${line}`);
    expect(lines).toHaveLength(100);
    now += 1_000;
    log('later');
    expect(lines.slice(100)).toEqual(['warn: 50 lines were not logged, over 100 a second', 'later']);
  });
});
