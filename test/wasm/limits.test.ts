import { afterAll, describe, expect, it } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import type { Failure } from '#src/domain/failure.js';
import type { Lanes } from '#adapters/wasm/parent/lanes.js';
import { tableOf } from '../table.js';
import { callOf, Events, failureOf, lanesOf, linkOf, specOf, textOf } from './harness.js';
import { wat } from './wat.js';

const MIB = 1024 * 1024;
const MEMORY = 4 * MIB;
const OUTPUT = 100_000;

/** Runs over one limit for each export; `mark` counts its calls in a global, a linked module's memory and a var. */
const greedy = wat(`(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "length" (func $length (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "var_get" (func $var_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/user" "mark" (func $mark (result i32)))
  (import "extism:host/user" "grow" (func $grow_linked (param i32) (result i32)))
  (import "extism:host/user" "recurse" (func $recurse_linked))
  (memory (export "memory") 2)
  (global $calls (mut i32) (i32.const 0))

  ;; Its status is 111 in the first call of an instance.
  (func (export "mark") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (i32.add
      (i32.add (global.get $calls) (i32.mul (call $mark) (i32.const 10)))
      (select (i32.const 100) (i32.const 900) (i64.eqz (call $var_get (call $alloc (i64.const 1)))))))

  (func (export "own_memory") (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable)
  (func (export "linked_memory") (drop (memory.grow (i32.const 30))) (drop (call $grow_linked (i32.const 40))))
  (func (export "blocks") (loop $more (drop (call $alloc (i64.const 1000))) (br $more)))
  (func (export "one_block") (drop (call $alloc (i64.const 0x100000000000))))
  (func (export "both") (drop (memory.grow (i32.const 30))) (drop (call $alloc (i64.const 3000000))))
  (func $recurse (export "stack") (call $recurse) (call $recurse))
  (func (export "linked_stack") (call $recurse_linked))
  (func (export "vars") (local $left i32)
    (local.set $left (i32.const 12))
    (loop $more
      (call $var_set (call $alloc (i64.extend_i32_u (local.get $left))) (call $alloc (i64.const 100000)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $more (local.get $left))))
  (func (export "output") (local $handle i64)
    (local.set $handle (call $alloc (i64.const ${OUTPUT + 1})))
    (call $output_set (local.get $handle) (call $length (local.get $handle))))
  (func (export "forever") (loop $more (br $more)))
  (func (export "linked_forever") (drop (call $grow_linked (i32.const -1)))))`);

const user = wat(`(module
  (memory 1)
  (func (export "mark") (result i32)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (i32.load (i32.const 0)))
  (func (export "grow") (param $pages i32) (result i32)
    (if (i32.eq (local.get $pages) (i32.const -1)) (then (loop $more (br $more))))
    (memory.grow (local.get $pages)))
  (func $recurse (export "recurse") (call $recurse) (call $recurse)))`);

const trapped = (detail: RegExp): Partial<Failure> => ({
  code: 'trapped',
  detail: expect.stringMatching(detail) as string,
});

const OVERRUNS: readonly (readonly [string, string, Partial<Failure>])[] = [
  ['memory of its own', 'own_memory', trapped(/^unreachable \(its memory: 4194304 bytes of a limit of 4194304\)$/)],
  ['memory of a linked module', 'linked_memory', trapped(/^out of memory: \d+ bytes used of a limit of 4194304$/)],
  ['many blocks', 'blocks', trapped(/^out of memory: no room for a block of 1000 bytes within the limit of 4194304/)],
  ['one large block', 'one_block', trapped(/^out of memory: no room for a block of 17592186044416 bytes/)],
  ['memory and blocks together', 'both', trapped(/^out of memory: \d+ bytes used of a limit of 4194304$/)],
  ['stack', 'stack', trapped(/^stack overflow/)],
  ['stack of a linked module', 'linked_stack', trapped(/^stack overflow/)],
  ['vars', 'vars', trapped(/^its vars are over their limit of 1048576 bytes/)],
  ['output', 'output', { code: 'output-too-large', detail: `its output is 100001 bytes, over the limit of 100000` }],
  ['time', 'forever', { code: 'timeout', detail: 'its deadline passed while it ran' }],
  ['time in a linked module', 'linked_forever', { code: 'timeout', detail: 'its deadline passed while it ran' }],
];

const rows: string[][] = [];
afterAll(() => {
  // eslint-disable-next-line no-console -- what this file is there to show
  console.log(`What a call of a module can run over\n\n${tableOf(['limit', 'its failure', 'in words'], rows)}`);
});

async function openGreedy(lanes: Lanes, instance: 'reuse' | 'fresh' = 'reuse'): Promise<Backend> {
  const names = ['mark', ...OVERRUNS.map(([, name]) => name)];
  const link = linkOf({ 'extism:host/user': user });
  return lanes.open(specOf(greedy, names, { memory: MEMORY, outputLimit: OUTPUT, link, instance }), () => undefined);
}

describe('a call that runs over a limit is told which, costs itself alone, and leaves nothing behind:', () => {
  it.each(OVERRUNS)('%s', async (title, name, failure) => {
    const lanes = lanesOf({ lanes: 1 });
    const neighbour = await lanes.open(specOf('reverse.wasm', ['visits']), () => undefined);
    const visits = async (): Promise<bigint> =>
      Buffer.from((await neighbour.call(callOf('visits'))).output).readBigUInt64LE();
    const backend = await openGreedy(lanes);
    expect(await visits()).toBe(1n);
    expect(await failureOf(backend, callOf('mark'))).toMatchObject({ status: 111 });
    expect(await failureOf(backend, callOf('mark'))).toMatchObject({ status: 122 });

    const call = callOf(name);
    const failed = failureOf(backend, call);
    if (failure.code === 'timeout') setTimeout(() => call.stop('timeout'), 200);
    const found = await failed;
    expect(found).toMatchObject(failure);
    rows.push([title, found.code, found.detail]);

    // A lane that ended at a deadline takes all of its instances along; otherwise the neighbour's is as it was.
    expect(await visits()).toBe(failure.code === 'timeout' ? 1n : 2n);
    expect(await failureOf(backend, callOf('mark'))).toMatchObject({ status: 111 });
    expect(await visits()).toBe(failure.code === 'timeout' ? 2n : 3n);
  });

  it('all of them one after the other, on one lane with a new instance for each call', async () => {
    const lanes = lanesOf({ lanes: 1 });
    const backend = await openGreedy(lanes, 'fresh');
    for (const [, name, failure] of OVERRUNS.filter(([, , { code }]) => code !== 'timeout')) {
      expect(await failureOf(backend, callOf(name))).toMatchObject(failure);
      expect(await failureOf(backend, callOf('mark'))).toMatchObject({ status: 111 });
    }
  });
});

describe('a limit that no call fails by', () => {
  it('lines over a hundred a second are left out, and the call is answered', async () => {
    const chatty = wat(`(module
      (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
      (import "extism:host/env" "log_error" (func $log (param i64)))
      (func (export "run") (local $left i32)
        (local.set $left (i32.const 100000))
        (loop $more
          (call $log (call $alloc (i64.const 20)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))
          (br_if $more (local.get $left)))))`);
    const lanes = lanesOf({ lanes: 1 });
    const events = new Events();
    const backend = await lanes.open(specOf(chatty, ['run']), events.report);
    const begun = performance.now();
    await backend.call(callOf('run'));
    const seconds = Math.ceil((performance.now() - begun) / 1000);
    await lanes.close();
    expect(events.lines().length).toBeGreaterThanOrEqual(100);
    // A line more for each second says how many were left out.
    expect(events.lines().length).toBeLessThanOrEqual((seconds + 1) * 101);
  });

  it('instances over their number: the one that was not used for longest begins anew, linked ones count for more', async () => {
    const lanes = lanesOf({ lanes: 1, memories: 8, tryAtOnce: 0 });
    // Eight memories: two for each of these, and three for one.
    const linked = await openGreedy(lanes);
    const plain = await Promise.all(
      Array.from({ length: 3 }, () => lanes.open(specOf('reverse.wasm', ['visits']), () => undefined)),
    );
    const visits = async (of: Backend): Promise<bigint> =>
      Buffer.from((await of.call(callOf('visits'))).output).readBigUInt64LE();
    for (const one of plain.slice(0, 2)) expect(await visits(one)).toBe(1n);
    expect(await failureOf(linked, callOf('mark'))).toMatchObject({ status: 111 });
    expect(await failureOf(linked, callOf('mark'))).toMatchObject({ status: 122 });
    // Nine memories would be one too many.
    expect(await visits(plain[2]!)).toBe(1n);
    expect(await failureOf(linked, callOf('mark'))).toMatchObject({ status: 133 });
    expect(await visits(plain[0]!)).toBe(1n);
    expect(await visits(plain[2]!)).toBe(2n);
    expect(
      await textOf(await lanes.open(specOf('vowels.wasm', ['count']), () => undefined), callOf('count', 'a')),
    ).toBe('{"count":1}');
  });
});
