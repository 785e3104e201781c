import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import type { Failure } from '#src/domain/failure.js';
import type { WasmSpec } from '#src/domain/plugin.js';
import type { LanesOptions } from '#adapters/wasm/parent/lanes.js';
import {
  add64,
  answer,
  assemble,
  block,
  drop,
  get,
  growMemory,
  growTable,
  host,
  i32,
  i64,
  loop,
  septet,
  set,
} from './assemble.js';
import { callOf, Events, failureOf, FAULTY, lanesOf, specOf, textOf } from './harness.js';

const MIB = 1024 * 1024;

interface Pair {
  readonly tested: Backend;
  readonly neighbour: Backend;
  readonly events: Events;
}

/** A backend under test and another plugin, on the same lane. */
async function pair(spec: WasmSpec, options: Partial<LanesOptions> = {}): Promise<Pair> {
  const lanes = lanesOf({ lanes: 1, ...options });
  const events = new Events();
  const neighbour = await lanes.open(specOf('vowels.wasm', ['count']), () => undefined);
  return { tested: await lanes.open(spec, events.report), neighbour, events };
}

async function isWell({ neighbour }: Pair): Promise<void> {
  expect(await textOf(neighbour, callOf('count', 'hello world'))).toBe('{"count":3}');
}

/** What toolchains do where a process would end; the memory is there for those that lacked it. */
const ABORTED = /^unreachable \(its memory: \d+ bytes of a limit of \d+\)$/;

describe('a call that goes wrong costs itself alone', () => {
  const faults: readonly [string, Partial<Failure>][] = [
    ['segfault', { code: 'trapped', detail: 'memory access out of bounds' }],
    ['abort', { code: 'trapped', detail: expect.stringMatching(ABORTED) as string }],
    ['exit0', { code: 'trapped', detail: expect.stringMatching(ABORTED) as string }],
    ['overflow', { code: 'trapped', detail: 'stack overflow' }],
    ['wild', { code: 'trapped', detail: expect.stringContaining('output_set with 1099511627776 bytes') as string }],
    ['dangling', { code: 'trapped', detail: expect.stringContaining('offset 0x10000000000') as string }],
    ['error', { code: 'plugin-error', detail: 'failed on purpose', status: 7 }],
    ['status', { code: 'plugin-error', detail: 'it returned status 3', status: 3 }],
  ];

  it.each(faults)('%s', async (name, failure) => {
    const both = await pair(specOf('faulty.wasm', [...FAULTY, 'dangling']));
    expect(await failureOf(both.tested, callOf(name))).toMatchObject(failure);
    await isWell(both);
    expect(await textOf(both.tested, callOf('echo', 'still here'))).toBe('still here');
    expect(both.events.restarts()).toEqual(failure.code === 'trapped' ? ['trap'] : []);
  });

  it('leak: the call that finds no memory left traps, and the next one starts with a new instance', async () => {
    const both = await pair(specOf('faulty.wasm', FAULTY, { memory: 256 * MIB }));
    for (let call = 0; call < 3; call++) expect(await textOf(both.tested, callOf('leak'))).toBe('leaked 64 MiB');
    expect(await failureOf(both.tested, callOf('leak'))).toMatchObject({
      code: 'trapped',
      detail: expect.stringContaining(`of a limit of ${256 * MIB}`) as string,
    });
    await isWell(both);
    expect(await textOf(both.tested, callOf('leak'))).toBe('leaked 64 MiB');
  });

  it('an output over its limit is not read', async () => {
    const both = await pair(specOf('faulty.wasm', ['echo'], { outputLimit: 1000 }));
    expect(await failureOf(both.tested, callOf('echo', new Uint8Array(1001)))).toMatchObject({
      code: 'output-too-large',
      limit: 1000,
    });
    expect(await textOf(both.tested, callOf('echo', 'x'.repeat(1000)))).toHaveLength(1000);
    expect(both.events.restarts()).toEqual([]);
    await isWell(both);
  });

  it('an input over the memory limit traps', async () => {
    const both = await pair(specOf('faulty.wasm', ['echo'], { memory: MIB }));
    expect(await failureOf(both.tested, callOf('echo', new Uint8Array(2 * MIB)))).toMatchObject({
      code: 'trapped',
      detail: expect.stringContaining('out of memory') as string,
    });
    await isWell(both);
    expect(await textOf(both.tested, callOf('echo', 'small'))).toBe('small');
  });

  it('blocks of the host and memory of the guest count against one limit', async () => {
    const module = assemble({
      memory: { minimum: 1 },
      functions: {
        both: [...i64(BigInt(3 * MIB)), ...host('alloc'), ...drop, ...growMemory(48), ...drop, ...i32(0)],
        one: [...growMemory(48), ...drop, ...i32(0)],
      },
    });
    const both = await pair(specOf(module, ['both', 'one'], { memory: 4 * MIB }));
    expect(await failureOf(both.tested, callOf('both'))).toMatchObject({
      code: 'trapped',
      detail: expect.stringMatching(/out of memory: \d+ bytes used of a limit of 4194304/) as string,
    });
    expect(await textOf(both.tested, callOf('one'))).toBe('');
  });

  it('a guest cannot grow past its limit, whatever maximum its module declares', async () => {
    // Grows by a page until that fails, and returns how many pages it has.
    const growing = [0x03, 0x40, ...growMemory(1), ...i32(-1), 0x47, 0x0d, 0x00, 0x0b, 0x3f, 0x00];
    const module = assemble({ memory: { minimum: 2, maximum: 60_000 }, functions: { growing } });
    // All of the limit is the guest's then, and nothing is left for the call itself: over it, by a little.
    const both = await pair(specOf(module, ['growing'], { memory: 32 * 65_536 }));
    const failure = await failureOf(both.tested, callOf('growing'));
    expect(failure.detail).toMatch(/^out of memory: \d+ bytes used of a limit of 2097152/);
    const used = Number(/\d+/.exec(failure.detail)?.[0]);
    expect(used).toBeGreaterThan(32 * 65_536);
    expect(used).toBeLessThan(33 * 65_536);
    await isWell(both);
  });

  it('an error that was reported before a trap is told with it', async () => {
    const module = assemble({
      functions: { fail: [...block('no such tenant', 0), 0x20, 0x00, ...host('error_set'), 0x00] },
    });
    const both = await pair(specOf(module, ['fail']));
    expect(await failureOf(both.tested, callOf('fail'))).toEqual({
      code: 'trapped',
      detail: 'unreachable (it reported: no such tenant)',
    });
  });

  it('a table stays within its bound, whatever its module declares', async () => {
    const module = assemble({
      functions: { grow: growTable(0, 1_000_001), fits: [...growTable(0, 999_999)] },
      tables: 1,
    });
    const both = await pair(specOf(module, ['grow', 'fits']));
    expect(await failureOf(both.tested, callOf('grow'))).toMatchObject({ code: 'plugin-error', status: -1 });
    expect(await textOf(both.tested, callOf('fits'))).toBe('');
    await isWell(both);
  });

  it('a JavaScript heap blown up from inside ends the lane, not the process', async () => {
    const functions = {
      blow: [...growTable(0, 1_000_000), ...drop, ...i32(0)],
      hello: [...block('hello', 0), ...answer(0), ...i32(0)],
    };
    const spec = specOf(assemble({ functions, tables: 1 }), ['blow', 'hello']);
    const lanes = lanesOf({ lanes: 1, heapMiB: 32 });
    const events = new Events();
    const neighbour = await lanes.open(specOf('vowels.wasm', ['count']), () => undefined);
    const many = await Promise.all(Array.from({ length: 8 }, () => lanes.open(spec, events.report)));
    const ends: string[] = [];
    for (const backend of many)
      ends.push(await textOf(backend, callOf('blow')).catch((error: unknown) => (error as Error).message));
    expect(ends).toContainEqual(expect.stringContaining('trapped: the lane that ran it ended'));
    expect(events.restarts()).toContain('lane');
    for (const backend of many) expect(await textOf(backend, callOf('hello'))).toBe('hello');
    expect(await textOf(neighbour, callOf('count', 'hello world'))).toBe('{"count":3}');
  });

  it('vars that fill the JavaScript heap of a lane end the lane that they lie in, not the process', async () => {
    // 18,000 names of three bytes: within the limit of vars, and some 5 MB of heap.
    const fill = [
      ...loop(18_000, [
        ...i64(3n),
        ...host('alloc'),
        ...set(0),
        ...[0, 1, 2].flatMap((at) => [...get(0), ...i64(BigInt(at)), ...add64, ...septet(1, at), ...host('store_u8')]),
        ...get(0),
        ...get(0),
        ...host('var_set'),
      ]),
      ...i32(0),
    ];
    const spec = specOf(assemble({ functions: { fill, hello: [...block('hello', 0), ...answer(0), ...i32(0)] } }), [
      'fill',
      'hello',
    ]);
    const lanes = lanesOf({ lanes: 1, heapMiB: 32 });
    const events = new Events();
    const neighbour = await lanes.open(specOf('vowels.wasm', ['count']), () => undefined);
    const many = await Promise.all(Array.from({ length: 12 }, () => lanes.open(spec, events.report)));
    const ends: string[] = [];
    for (const backend of many)
      ends.push(await textOf(backend, callOf('fill')).catch((error: unknown) => (error as Error).message));
    expect(ends).toContainEqual(expect.stringContaining('trapped: the lane that ran it ended'));
    expect(ends.filter((end) => end === '').length).toBeGreaterThan(6);
    expect(events.restarts()).toContain('lane');
    for (const backend of many) expect(await textOf(backend, callOf('hello'))).toBe('hello');
    expect(await textOf(neighbour, callOf('count', 'hello world'))).toBe('{"count":3}');
  });

  it.each([
    ['an output', [...get(0), ...get(0), ...host('length'), ...host('output_set')], /^output-too-large/],
    ['a log line', [...get(0), ...host('log_info')], /^$/],
    [
      'a key of config',
      [...get(0), ...host('config_get'), ...drop],
      /^trapped: config_get with a name of 209715200 bytes/,
    ],
    ['the name of a var', [...get(0), ...host('var_get'), ...drop], /^trapped: var_get with a name of 209715200 bytes/],
  ])('%s of many times the JavaScript heap of a lane harms nobody', async (_what, use, end) => {
    const functions = { use: [...i64(BigInt(200 * MIB)), ...host('alloc'), ...set(0), ...use, ...i32(0)] };
    const spec = specOf(assemble({ functions }), ['use'], { memory: 1024 * MIB, outputLimit: 16 });
    const both = await pair(spec, { heapMiB: 16 });
    for (let call = 0; call < 2; call++) {
      const ended = await textOf(both.tested, callOf('use')).catch((error: unknown) => (error as Error).message);
      expect(ended).toMatch(end);
    }
    await isWell(both);
  });
});
