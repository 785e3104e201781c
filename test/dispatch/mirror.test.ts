import { beforeEach, describe, expect, it } from 'vitest';
import { Deadlines } from '#src/dispatch/deadline.js';
import { createMirror } from '#src/dispatch/mirror.js';
import type { Compare, NotCompared } from '#src/domain/compare.js';
import type { Compared, NoiseRun } from '#src/domain/compared.js';
import type { Comparison, Ended } from '#src/domain/comparison.js';
import type { Generation, LiveFunction } from '#src/domain/generation.js';
import type { Sampled } from '#src/domain/mirror.js';
import type { Observation } from '#src/domain/observation.js';
import type { RouteInForce } from '#src/domain/route.js';
import { settled } from '../scripted-backend.js';
import { tripped } from '../trips.js';
import { generationOf, liveFunction } from './live.js';

const SHADOW = { stage: 'shadow', sample: 100 } as const;
const output = (text: string): Ended => ({ output: Buffer.from(text) });
const textOf = (ended: Ended): string => ('code' in ended ? ended.code : Buffer.from(ended.output).toString());

/** Equal texts match. */
function compare(_spec: unknown, legacy: Ended, wasm: Ended): Comparison {
  return textOf(legacy) === textOf(wasm)
    ? { result: 'match', differences: [], omitted: 0 }
    : { result: 'mismatch', differences: [{ pointer: '', kind: 'value', legacy: '', wasm: '' }], omitted: 0 };
}

let compared: Compared[];
let noise: NoiseRun[];
let dropped: string[];
let reasons: string[];
let observed: Observation[];
let clock: number;
beforeEach(() => {
  compared = [];
  noise = [];
  dropped = [];
  reasons = [];
  observed = [];
  clock = 0;
});

interface More {
  readonly admits?: () => boolean;
  readonly random?: () => number;
  readonly current?: () => LiveFunction;
  readonly generation?: Generation;
  readonly closingMs?: number;
  readonly compare?: Compare;
  readonly onDefect?: (defect: unknown) => void;
}

function mirrorOf(live: LiveFunction, more: More = {}) {
  return createMirror({
    deadlines: new Deadlines(() => clock),
    observe: (observation) => observed.push(observation),
    now: () => clock,
    onDefect:
      more.onDefect ??
      ((defect) => {
        throw defect;
      }),
    current: () => more.generation ?? generationOf((more.current ?? (() => live))()),
    compare: more.compare ?? compare,
    ...(more.closingMs === undefined ? {} : { closingMs: more.closingMs }),
    spare: { admits: more.admits ?? (() => true) },
    onCompared: (each) => compared.push(each),
    onNoise: (each) => noise.push(each),
    onDropped(_live, reason, why) {
      dropped.push(reason);
      if (why !== undefined) reasons.push(why);
    },
    random: more.random ?? (() => 0),
    wallClock: () => 1_000,
  });
}

function sampled(live: LiveFunction, text = 'a', more: Partial<Sampled> = {}): Sampled {
  const input = Buffer.from(text);
  return { live, input, requestId: 'r', key: 'k', primary: 'legacy', ended: output(text), ...more };
}

async function turns(count = 4): Promise<void> {
  for (let turn = 0; turn < count; turn++) await settled();
}

describe('a sampled call', () => {
  it('runs on the other side after the reply, with the input of the first run, and is compared', async () => {
    const { live, wasm } = liveFunction(SHADOW);
    mirrorOf(live).offer(sampled(live, 'seven'));
    expect(wasm.held).toEqual([]);
    await turns();
    expect(wasm.held.map(({ call }) => [call.role, Buffer.from(call.input).toString(), call.key])).toEqual([
      ['shadow', 'seven', 'k'],
    ]);
    wasm.held[0]!.reply('seven');
    await turns();
    expect(compared).toMatchObject([
      { primary: 'legacy', requestId: 'r', key: 'k', at: 1_000, comparison: { result: 'match' } },
    ]);
    expect(observed).toMatchObject([{ backend: 'wasm', role: 'shadow', outcome: 'ok' }]);
  });

  it('that wasm has answered runs on legacy, and each answer keeps its side', async () => {
    const { live, legacy } = liveFunction({ stage: 'wasm', sample: 100, fallback: false });
    mirrorOf(live).offer(sampled(live, 'w', { primary: 'wasm' }));
    await turns();
    legacy.held[0]!.reply('l');
    await turns();
    expect(compared.map((each) => [textOf(each.legacy), textOf(each.wasm), each.comparison.result])).toEqual([
      ['l', 'w', 'mismatch'],
    ]);
  });

  it('is compared by its failure where the other side fails, but not where that side took no call', async () => {
    const { live, wasm } = liveFunction(SHADOW);
    const mirror = mirrorOf(live);
    mirror.offer(sampled(live));
    mirror.offer(sampled(live));
    await turns();
    wasm.held[0]!.fail({ code: 'trapped', detail: '' });
    await turns();
    wasm.held[0]!.fail({ code: 'unavailable', detail: '', retryAfterMs: 1 });
    await turns();
    expect(compared.map((each) => textOf(each.wasm))).toEqual(['trapped']);
    expect(dropped).toEqual(['unavailable']);
  });

  it.each([
    ['unsafe', { spec: { effects: 'unsafe' as const } }, {}],
    ['busy', {}, { admits: () => false }],
  ])('is dropped and counted: %s', async (reason, given, more) => {
    const { live, wasm } = liveFunction(SHADOW, given);
    mirrorOf(live, more).offer(sampled(live));
    await turns();
    expect([dropped, wasm.held]).toEqual([[reason], []]);
  });

  it('is dropped when its function has 256 waiting, or when 64 MiB wait', () => {
    const { live } = liveFunction(SHADOW);
    const mirror = mirrorOf(live);
    for (let call = 0; call < 258; call++) mirror.offer(sampled(live));
    expect(dropped).toEqual(['queue-full', 'queue-full']);
    const other = liveFunction(SHADOW, { spec: { name: 'g' } });
    for (let call = 0; call < 3; call++) {
      mirror.offer(sampled(other.live, 'a', { input: new Uint8Array(30 * 1024 * 1024) }));
    }
    expect(dropped.slice(2)).toEqual(['memory']);
    void mirror.close();
  });

  it('gives its memory back when it is done', async () => {
    const { live, wasm } = liveFunction(SHADOW);
    const mirror = mirrorOf(live);
    for (let call = 0; call < 5; call++) {
      mirror.offer(sampled(live, 'a', { input: new Uint8Array(40 * 1024 * 1024) }));
      await turns();
      wasm.held[0]!.reply('a');
      await turns();
    }
    expect([dropped, compared.length]).toEqual([[], 5]);
  });

  it('is dropped when a reload has replaced what it would run on', async () => {
    const { live, wasm } = liveFunction(SHADOW);
    const other = liveFunction(SHADOW).live;
    let now = live;
    const mirror = mirrorOf(live, { current: () => now });
    mirror.offer(sampled(live));
    now = other;
    await turns();
    expect([dropped, wasm.held]).toEqual([['replaced'], []]);
  });

  it.each([
    [
      'that began when most of its time was over, is not held against the side that it ran on',
      200,
      true,
      ['expired'],
      0,
    ],
    ['that was handed over and never began, is not either', 0, false, ['expired'], 0],
    ['that had its time, is compared', 50, true, [], 1],
  ])('that runs out of time, %s', async (_what, waited, begun, drops, compares) => {
    const first = { output: Buffer.from('a') };
    const { live, wasm } = liveFunction(SHADOW, { window: 1, now: () => clock });
    const mirror = mirrorOf(live);
    mirror.offer(sampled(live));
    mirror.offer(sampled(live));
    await turns();
    clock = waited;
    wasm.held[0]!.reply('a');
    await turns();
    clock = 1_000;
    wasm.held[0]!.fail({ code: 'timeout', detail: '', begun });
    await turns();
    expect([dropped, compared.slice(1).map((each) => textOf(each.wasm))]).toEqual([
      drops,
      Array.from({ length: compares }, () => 'timeout'),
    ]);
    expect(compared[0]).toMatchObject({ legacy: first, wasm: first });
    expect(observed.map(({ outcome, hadItsTime }) => [outcome, hadItsTime])).toEqual([
      ['ok', true],
      ['timeout', compares === 1],
    ]);
  });

  it('waits no longer than its own time-out', async () => {
    const { live, wasm } = liveFunction(SHADOW, { window: 1, now: () => clock });
    const mirror = mirrorOf(live);
    for (let call = 0; call < 6; call++) mirror.offer(sampled(live));
    await turns();
    clock = 1_001;
    while (wasm.held.length > 0) {
      wasm.held[0]!.reply('a');
      await turns();
    }
    // Four are handed over at a time; the others were still waiting.
    expect([compared.length, dropped]).toEqual([4, ['expired', 'expired']]);
  });

  it.each<[string, Partial<RouteInForce>]>([
    ['sampled no more', { effective: { stage: 'legacy' } }],
    ['sampled at nought', { effective: { stage: 'shadow', sample: 0 } }],
  ])('is dropped where its function is %s by then, be it by a flip or by a trip', async (_how, route) => {
    const { live, wasm } = liveFunction(SHADOW);
    let now = live;
    const mirror = mirrorOf(live, { current: () => now });
    for (let call = 0; call < 20; call++) mirror.offer(sampled(live));
    now = { ...live, route: { ...live.route, ...route } };
    await turns(8);
    expect([wasm.held, new Set(dropped), dropped.length]).toEqual([[], new Set(['replaced']), 20]);
  });

  it('is begun although more were offered than are begun in one turn', async () => {
    const functions = Array.from({ length: 20 }, (_, index) => liveFunction(SHADOW, { spec: { name: `f${index}` } }));
    const first = functions[0]!;
    const generation = generationOf(first.live);
    const all = new Map(functions.map(({ live }) => [live.spec.name, live]));
    const plugin = { ...generation.plugins.get('p')!, functions: all };
    const mirror = mirrorOf(first.live, { generation: { ...generation, plugins: new Map([['p', plugin]]) } });
    for (const { live } of functions) mirror.offer(sampled(live));
    await turns(8);
    expect(functions.map(({ wasm }) => wasm.held.length)).toEqual(functions.map(() => 1));
  });

  it('of a function whose trip is half open runs alone', async () => {
    const route = { tripped: tripped({ halfOpen: true }) };
    const { live, wasm } = liveFunction(SHADOW, { route });
    const mirror = mirrorOf(live);
    for (let call = 0; call < 3; call++) mirror.offer(sampled(live));
    await turns();
    expect([wasm.held.length, dropped]).toEqual([1, ['busy', 'busy']]);
    wasm.held[0]!.reply('a');
    await turns();
    mirror.offer(sampled(live));
    await turns();
    expect(wasm.held.length).toBe(1);
  });

  it('whose other side has run already is compared after the reply, without another run', async () => {
    const { live, legacy } = liveFunction(SHADOW);
    mirrorOf(live).settle(
      sampled(live, '', { primary: 'wasm', ended: { code: 'trapped', detail: '' } }),
      output('from legacy'),
    );
    expect(compared).toEqual([]);
    await turns();
    expect(compared).toMatchObject([{ primary: 'wasm', wasm: { code: 'trapped' } }]);
    expect(legacy.held).toEqual([]);
  });

  it('whose other side has run already takes the same chances as one that has to be run', async () => {
    const { live } = liveFunction(SHADOW);
    mirrorOf(live, { admits: () => false }).settle(sampled(live, '', { primary: 'wasm' }), output('from legacy'));
    await turns();
    expect([dropped, compared]).toEqual([['busy'], []]);
  });
});

describe('a call that is not compared, because', () => {
  it.each<[string, NotCompared, string[]]>([
    ['too many wait', { reason: 'comparer-busy' }, []],
    ['what compares has failed', { reason: 'comparer-failed', why: 'it threw Error' }, ['it threw Error']],
  ])('%s, is dropped by that reason, and no comparison', async (_, none, told) => {
    const { live, wasm } = liveFunction(SHADOW, { spec: { noise: 100 } });
    const mirror = mirrorOf(live, {
      compare: (_spec, _legacy, _wasm, onNone) => {
        onNone?.(none);
        return Promise.resolve(null);
      },
    });
    mirror.offer(sampled(live));
    await turns();
    wasm.held[0]!.reply('b');
    await turns();
    expect({ dropped, reasons, compared }).toEqual({ dropped: [none.reason], reasons: told, compared: [] });
  });
});

describe('noise', () => {
  it('is looked for by a second run of legacy, which is no sample of its calls', async () => {
    const { live, legacy, wasm } = liveFunction(SHADOW, { spec: { noise: 1 } });
    mirrorOf(live).offer(sampled(live, 'first'));
    await turns();
    wasm.held[0]!.reply('first');
    await turns();
    legacy.held[0]!.reply('second');
    await turns();
    expect(compared.map((each) => each.comparison.result)).toEqual(['match']);
    expect(noise).toMatchObject([{ live, differences: [{ pointer: '', kind: 'value' }] }]);
    expect(observed.map(({ backend, again }) => [backend, again])).toEqual([
      ['wasm', false],
      ['legacy', true],
    ]);
  });

  it('is what two runs of legacy differ by where wasm has answered, too', async () => {
    const { live, legacy } = liveFunction({ stage: 'wasm', sample: 100, fallback: false }, { spec: { noise: 1 } });
    mirrorOf(live).offer(sampled(live, 'of wasm', { primary: 'wasm' }));
    await turns();
    legacy.held[0]!.reply('of legacy');
    await turns();
    legacy.held[0]!.reply('of legacy');
    await turns();
    expect(noise).toMatchObject([{ live, differences: [] }]);
  });

  it.each([
    [0.0099, 1],
    [0.01, 0],
  ])('is looked for in that share of the calls: at a draw of %d %d times', async (draw, times) => {
    const { live, legacy, wasm } = liveFunction(SHADOW, { spec: { noise: 1 } });
    mirrorOf(live, { random: () => draw }).offer(sampled(live));
    await turns();
    wasm.held[0]!.reply('a');
    await turns();
    expect(legacy.held.length).toBe(times);
  });
});

describe('closing', () => {
  it('drops what waits and waits for what runs', async () => {
    const { live, wasm } = liveFunction(SHADOW, { window: 1 });
    const mirror = mirrorOf(live);
    for (let call = 0; call < 10; call++) mirror.offer(sampled(live));
    await turns();
    let closed = false;
    const closing = mirror.close().then(() => (closed = true));
    await turns();
    expect([closed, dropped.length]).toEqual([false, 6]);
    while (wasm.held.length > 0) {
      wasm.held[0]!.reply('a');
      await turns();
    }
    await closing;
    mirror.offer(sampled(live));
    expect(dropped.slice(6)).toEqual(['stopping']);
  });

  it('stops what goes on running, and begins no second run for noise', async () => {
    const { live, wasm } = liveFunction(SHADOW, { spec: { noise: 100 } });
    const mirror = mirrorOf(live, { closingMs: 10 });
    mirror.offer(sampled(live));
    await turns();
    expect(wasm.held).toHaveLength(1);
    await mirror.close();
    await turns();
    expect([wasm.held, dropped, noise]).toEqual([[], ['stopping'], []]);
  });
});

describe('a comparison that fails by a mistake of ours', () => {
  it('is told of, and costs nothing but itself', async () => {
    const { live, wasm } = liveFunction(SHADOW);
    const defects: unknown[] = [];
    const mirror = mirrorOf(live, {
      compare: () => {
        throw new RangeError('deep');
      },
      onDefect: (defect) => defects.push(defect),
    });
    mirror.settle(sampled(live), output('a'));
    mirror.offer(sampled(live));
    await turns();
    wasm.held[0]!.reply('a');
    await turns();
    expect(defects).toMatchObject([{ message: 'deep' }, { message: 'deep' }]);
  });
});
