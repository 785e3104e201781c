import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outcome } from '#src/domain/failure.js';
import type { LiveFunction } from '#src/domain/generation.js';
import type { Observation } from '#src/domain/observation.js';
import type { Plugin } from '#src/domain/plugin.js';
import type { TripRule } from '#src/domain/trip.js';
import { type Breaker, createBreaker } from '#src/rollout/breaker.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plugin } from '../control/plugins.js';
import { tripped } from '../trips.js';
import { find, openBench, OPERATOR, statesIn, type Bench } from './harness.js';
import { canary, legacy, planOf, shadow, step, wasm } from './plans.js';

const DEFAULT: TripRule = {
  consecutive: 5,
  share: { percent: 50, calls: 20, withinMs: 10_000 },
  restMs: 30_000,
  mirror: 0,
};

let bench: Bench;
let breaker: Breaker;
let logged: string[];

/** `quote` may run twice, `order` may not; both trip by one rule. */
function declared(rule: Partial<TripRule> = {}, build = 'w1'): Plugin {
  const declaredAs = plugin('pricing', { functions: { quote: 'pure', order: 'unsafe' }, wasm: build });
  const functions = [...declaredAs.functions].map(
    ([name, spec]) => [name, { ...spec, trip: { ...DEFAULT, ...rule } }] as const,
  );
  return { ...declaredAs, functions: new Map(functions) };
}

async function start(rule: Partial<TripRule> = {}): Promise<void> {
  bench = await openBench(declared(rule));
  logged = [];
  watch();
  await bench.set('pricing', null, wasm);
}

function watch(): void {
  breaker = createBreaker({
    control: bench.control,
    now: bench.clock.now,
    steady: bench.clock.steady,
    every: bench.clock.every,
    log: { error: (_fields, message) => logged.push(message) },
  });
}

beforeEach(() => start());
afterEach(async () => {
  breaker.close();
  await bench.close();
});

const live = (name = 'quote'): LiveFunction => bench.live('pricing', name);
function see(outcome: Outcome, times = 1, given: Partial<Observation> = {}, of = live()): void {
  for (let time = 0; time < times; time++) {
    const observation = {
      plugin: 'pricing',
      function: of.spec.name,
      backend: 'wasm',
      role: 'primary',
      outcome,
    } as const;
    breaker.observe({ ...observation, queueMs: 0, callMs: 1, again: false, hadItsTime: true, ...given }, of);
  }
}
/** As a generation would have it by now: what is in force while calls go on. */
const seeNow = (outcome: Outcome, times = 1, role: Observation['role'] = 'primary', name = 'quote'): void => {
  for (let time = 0; time < times; time++) see(outcome, 1, { role }, live(name));
};
const isTripped = (name = 'quote'): boolean => live(name).route.tripped !== null;
/** Time in which what must not happen could. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('failures in a row', () => {
  it.each([['trapped'], ['crashed'], ['timeout'], ['output-too-large'], ['bad-output'], ['unavailable']] as const)(
    'that are %s trip at the fifth, not at the fourth',
    (outcome) => {
      seeNow(outcome, 4);
      expect(isTripped()).toBe(false);
      seeNow(outcome);
      expect(bench.control.trips()).toEqual([
        {
          plugin: 'pricing',
          function: 'quote',
          trip: {
            since: '2026-11-22T10:00:00.000Z',
            cause: outcome,
            detail: `5 failures in a row, the last of them ${outcome}`,
            stage: 'wasm',
            figures: { calls: 5, failures: 5, window: 10_000, consecutive: 5, rest: 30_000 },
            mirror: 0,
            probeAt: '2026-11-22T10:00:30.000Z',
            halfOpen: false,
          },
        },
      ]);
      expect([live().route.stage, live().route.effective]).toEqual([wasm, legacy]);
    },
  );

  it.each(['plugin-error', 'overloaded', 'cancelled', 'bad-request', 'input-too-large', 'ok'] as const)(
    'do not count calls that ended %s',
    (outcome) => {
      seeNow(outcome, 100);
      expect(isTripped()).toBe(false);
    },
  );

  it.each([
    ['ok', false],
    ['plugin-error', false],
    ['overloaded', true],
    ['cancelled', true],
    ['bad-request', true],
  ] as const)('are in a row, or not, with a call between them that ended %s', async (outcome, inARow) => {
    await bench.close();
    await start({ share: null });
    seeNow('trapped', 4);
    seeNow(outcome);
    seeNow('trapped');
    expect(isTripped()).toBe(inARow);
  });

  it.each([
    ['of legacy', { backend: 'legacy' }],
    ['of mirrored calls', { role: 'shadow' }],
  ] as const)('%s trip nothing', (_, given) => {
    see('trapped', 100, given);
    expect(isTripped()).toBe(false);
  });

  it.each([
    ['legacy', legacy, false],
    ['shadow', shadow, false],
    ['canary', canary(5), true],
    ['wasm', wasm, true],
  ] as const)('in stage %s trip: %s', async (_, stage, trips) => {
    await bench.set('pricing', null, stage);
    // A caller may have forced wasm in a stage that does not choose it.
    seeNow('trapped', 5);
    expect(isTripped()).toBe(trips);
  });

  it('are those of one function alone', () => {
    for (let time = 0; time < 4; time++) {
      seeNow('trapped');
      seeNow('trapped', 1, 'primary', 'order');
    }
    expect([isTripped('quote'), isTripped('order')]).toEqual([false, false]);
    seeNow('trapped', 1, 'primary', 'order');
    expect([isTripped('quote'), isTripped('order')]).toEqual([false, true]);
  });

  it('trip once, however many calls end after that', () => {
    const then = live();
    see('trapped', 50, {}, then);
    expect(bench.events.filter((event) => event.type === 'trip')).toHaveLength(1);
  });

  it.each([1, 3])('may be %d by the manifest', async (consecutive) => {
    await bench.close();
    await start({ consecutive });
    seeNow('trapped', consecutive - 1);
    expect(isTripped()).toBe(false);
    seeNow('trapped');
    expect(isTripped()).toBe(true);
  });
});

describe('a share of failures', () => {
  const rule = { consecutive: null, share: { percent: 50, calls: 20, withinMs: 10_000 } };
  beforeEach(async () => {
    await bench.close();
    await start(rule);
  });

  it('trips when it is reached, of enough calls', () => {
    for (let pair = 0; pair < 9; pair++) {
      seeNow('ok');
      seeNow('timeout');
    }
    seeNow('ok');
    expect(isTripped()).toBe(false);
    seeNow('timeout');
    const [{ trip } = { trip: null }] = bench.control.trips();
    expect(trip).toMatchObject({
      cause: 'timeout',
      detail: '10 of 20 calls failed within 10 s, the last of them timeout',
      figures: { calls: 20, failures: 10, window: 10_000, consecutive: 1 },
    });
  });

  it('is counted from the first success on: a few failures of very many calls are none', () => {
    seeNow('ok', 1_000);
    seeNow('timeout', 20);
    expect(isTripped()).toBe(false);
  });

  it('forgets what is older than the window', async () => {
    seeNow('timeout', 19);
    await bench.pass(10_000);
    seeNow('ok', 10);
    seeNow('timeout', 9);
    expect(isTripped()).toBe(false);
    seeNow('timeout');
    expect(isTripped()).toBe(true);
  });

  it('forgets what is older than the window although the time of day was set back', async () => {
    seeNow('timeout', 19);
    bench.clock.setBack(3_600_000);
    await bench.pass(10_000);
    seeNow('timeout');
    expect(isTripped()).toBe(false);
  });

  it('slides: what is younger than the window stays', async () => {
    await bench.pass(0);
    seeNow('timeout', 15);
    await bench.pass(9_000);
    seeNow('timeout', 4);
    expect(isTripped()).toBe(false);
    seeNow('timeout');
    expect(isTripped()).toBe(true);
  });

  it('never trips where the manifest says never', async () => {
    await bench.close();
    await start({ consecutive: null, share: null });
    seeNow('trapped', 1_000);
    expect(isTripped()).toBe(false);
  });
});

describe('there is nothing to trip to', () => {
  it('while legacy does not run; once it does, the next failure trips', () => {
    const report = bench.reports.get('pricing/legacy')!;
    report({ type: 'state', state: { state: 'backing-off', until: 0, cause: 'SIGSEGV' } });
    seeNow('trapped', 20);
    expect(isTripped()).toBe(false);
    report({ type: 'state', state: { state: 'ready', pids: [] } });
    seeNow('trapped');
    expect(isTripped()).toBe(true);
  });

  it('where there is no legacy at all', async () => {
    bench.found = find(plugin('fresh', { legacy: null }));
    await bench.control.reload(OPERATOR);
    see('trapped', 20, {}, bench.live('fresh', 'quote'));
    expect(bench.control.trips()).toEqual([]);
  });
});

describe('a new build', () => {
  it('begins with a clean slate, and is not tripped by the last calls of the old one', async () => {
    const old = live();
    see('trapped', 4, {}, old);
    bench.found = find(declared({}, 'w2'));
    await bench.control.reload(OPERATOR);
    see('trapped', 20, {}, old);
    expect(isTripped()).toBe(false);
    seeNow('trapped', 4);
    expect(isTripped()).toBe(false);
    seeNow('trapped');
    expect(isTripped()).toBe(true);
  });
});

describe('a trip', () => {
  /** The function as it is tried again, thirty seconds after its trip. */
  async function halfOpen(rest = 30_000): Promise<void> {
    seeNow('trapped', 5);
    await bench.pass(rest - 1);
    expect(live().route.tripped).toMatchObject({ halfOpen: false });
    await bench.pass(1);
    expect(live().route.tripped).toMatchObject({ halfOpen: true });
  }

  it('is tried again after its rest, by mirrored calls, and ended by as many successes as failures had made it', async () => {
    await halfOpen();
    expect(live().route.effective).toEqual({ stage: 'shadow', sample: 100 });
    seeNow('ok', 4, 'shadow');
    await settle();
    expect(isTripped()).toBe(true);
    seeNow('ok', 3, 'shadow');
    await expect.poll(() => isTripped()).toBe(false);
    expect(live().route.effective).toEqual(wasm);
    expect(bench.events.at(-1)).toMatchObject({ type: 'trip', ended: 'probe' });
    expect(logged).toEqual([]);
    seeNow('trapped', 4);
    expect(isTripped()).toBe(false);
  });

  it('that an abort has replaced is not ended by probes that were about to end it', async () => {
    await halfOpen();
    const flipping = bench.set('pricing', 'order', wasm);
    seeNow('ok', 5, 'shadow');
    const trip = tripped({ cause: 'abort' });
    await bench.control.trip({ plugin: 'pricing', function: 'quote', trip });
    await flipping;
    await settle();
    expect(live().route.tripped).toMatchObject({ cause: 'abort' });
    expect(logged).toEqual([]);
  });

  it('is not prolonged by a mirrored call whose time ran out before it began', async () => {
    await halfOpen();
    see('timeout', 1, { role: 'shadow', callMs: null, hadItsTime: false });
    expect(live().route.tripped).toMatchObject({ halfOpen: true });
    see('timeout', 1, { role: 'shadow' });
    expect(live().route.tripped).toMatchObject({ halfOpen: false });
  });

  it('is tried again although the clock was set back by a year', async () => {
    const trip = tripped({ probeAt: '2027-11-22T10:00:00Z' });
    await bench.control.trip({ plugin: 'pricing', function: 'quote', trip });
    await bench.pass(1_000);
    expect(live().route.tripped).toMatchObject({ halfOpen: true });
  });

  it('that could not be kept is kept as soon as the store can', async () => {
    const blocked = join(bench.folder, 'trips.json.tmp');
    await mkdir(blocked);
    seeNow('trapped', 5);
    await expect.poll(() => logged).toEqual(['a trip is in force, but a restart would forget it']);
    await rm(blocked, { recursive: true });
    await bench.pass(1_000);
    const kept = (): Promise<string> => readFile(join(bench.folder, 'trips.json'), 'utf8').catch(() => '');
    await expect.poll(kept).toContain('trapped');
  });

  it('of a function that may not run twice is tried again by a few callers', async () => {
    seeNow('trapped', 5, 'primary', 'order');
    await bench.pass(30_000);
    expect(live('order').route.effective).toMatchObject({ stage: 'canary', percent: 1 });
    seeNow('ok', 5, 'primary', 'order');
    await expect.poll(() => isTripped('order')).toBe(false);
  });

  it('rests twice as long after each try that fails, ten times as long at most', async () => {
    await halfOpen();
    const rests: number[] = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      seeNow('ok', 4, 'shadow');
      const failedAt = bench.clock.now();
      seeNow('timeout', 1, 'shadow');
      const { halfOpen: open, probeAt, since, figures } = live().route.tripped!;
      rests.push((Date.parse(probeAt!) - failedAt) / 1_000);
      expect([open, since, figures['rest']]).toEqual([false, '2026-11-22T10:00:00.000Z', rests.at(-1)! * 1_000]);
      await bench.pass(Date.parse(probeAt!) - failedAt);
      expect(live().route.tripped).toMatchObject({ halfOpen: true });
    }
    expect(rests).toEqual([60, 120, 240, 300, 300]);
  });

  it('leaves nothing to be held against wasm by what was in flight when it began', async () => {
    const before = live();
    see('trapped', 25, {}, before);
    await bench.control.endTrips({ plugin: 'pricing', function: 'quote' }, OPERATOR);
    await bench.pass(60_000);
    seeNow('trapped', 4);
    expect(isTripped()).toBe(false);
    seeNow('trapped');
    expect(live().route.tripped).toMatchObject({ detail: '5 failures in a row, the last of them trapped' });
  });

  it('leaves nothing to be held against wasm from before it, whoever made it', async () => {
    seeNow('trapped', 4);
    const trip = tripped({ cause: 'abort' });
    await bench.control.trip({ plugin: 'pricing', function: 'quote', trip });
    await bench.pass(250);
    await bench.control.endTrips({ plugin: 'pricing', function: 'quote' }, OPERATOR);
    seeNow('trapped', 4);
    expect(isTripped()).toBe(false);
  });

  it('goes on as it was after a restart, with its rest as long as it had become', async () => {
    await halfOpen();
    seeNow('timeout', 1, 'shadow');
    const kept = (): Promise<string> => readFile(join(bench.folder, 'trips.json'), 'utf8').catch(() => '');
    await expect.poll(kept).toContain('"rest": 60000');
    await bench.kill();
    watch();
    await bench.pass(59_000);
    expect(live().route.tripped).toMatchObject({ halfOpen: false });
    await bench.pass(1_000);
    expect(live().route.tripped).toMatchObject({ halfOpen: true });
    seeNow('timeout', 1, 'shadow');
    expect(live().route.tripped!.figures).toMatchObject({ rest: 120_000, failures: 5 });
  });

  it('that is resting takes no notice of mirrored calls, whichever way they end', async () => {
    seeNow('trapped', 5);
    const before = live().route.tripped;
    seeNow('ok', 100, 'shadow');
    seeNow('trapped', 100, 'shadow');
    await settle();
    expect(live().route.tripped).toEqual(before);
  });

  it('is not decided by calls that an earlier build, or an earlier try, had begun', async () => {
    await halfOpen();
    const early = live();
    seeNow('timeout', 1, 'shadow');
    see('timeout', 10, { role: 'shadow' }, early);
    expect(live().route.tripped!.figures).toMatchObject({ rest: 60_000 });
    bench.found = find(declared({}, 'w2'));
    await bench.control.reload(OPERATOR);
    await bench.pass(60_000);
    expect(live().route.tripped).toMatchObject({ halfOpen: true });
    see('timeout', 1, { role: 'shadow' }, early);
    expect(live().route.tripped).toMatchObject({ halfOpen: true });
    seeNow('ok', 5, 'shadow');
    await expect.poll(() => isTripped()).toBe(false);
  });

  it('is not decided by calls that were begun to try an earlier one', async () => {
    await halfOpen();
    const early = live();
    await bench.control.endTrips({ plugin: 'pricing', function: 'quote' }, OPERATOR);
    await bench.pass(1_000);
    await halfOpen();
    see('timeout', 10, { role: 'shadow' }, early);
    expect(live().route.tripped).toMatchObject({ halfOpen: true, since: '2026-11-22T10:00:31.000Z' });
  });

  it('waits for an operator where the rule gives no rest', async () => {
    await bench.close();
    await start({ restMs: null });
    seeNow('trapped', 5);
    await bench.pass(24 * 3_600_000);
    expect(live().route.tripped).toMatchObject({ probeAt: null, halfOpen: false });
    await bench.control.endTrips({ plugin: 'pricing', function: 'quote' }, OPERATOR);
    expect(isTripped()).toBe(false);
  });

  it.each(['gate', 'abort'])('because of %s is never tried again by itself', async (cause) => {
    const trip = tripped({ cause, probeAt: '2026-11-22T10:00:01Z' });
    await bench.control.trip({ plugin: 'pricing', function: 'quote', trip });
    await bench.pass(24 * 3_600_000);
    expect(live().route.tripped).toMatchObject({ halfOpen: false });
  });

  it('mirrors meanwhile as the manifest says', async () => {
    await bench.close();
    await start({ mirror: 10 });
    seeNow('trapped', 5);
    expect(live().route.effective).toEqual({ stage: 'shadow', sample: 10 });
  });

  it('that cannot be kept is in force all the same, and said', async () => {
    await bench.store.close();
    seeNow('trapped', 5);
    await expect.poll(() => logged).toEqual(['a trip is in force, but a restart would forget it']);
    expect(isTripped()).toBe(true);
  });

  it('of a function in a rollout makes that tripped, and its end lets it run on', async () => {
    const target = { plugin: 'pricing', function: 'quote' } as const;
    const plan = planOf(step(canary(50)), step(wasm));
    await bench.set('pricing', null, legacy);
    await bench.rollouts.plan({ ...target, plan, precondition: '*', author: OPERATOR });
    await halfOpen();
    seeNow('ok', 5, 'shadow');
    await expect.poll(() => isTripped()).toBe(false);
    await bench.pass(1_000);
    expect(statesIn(bench.events)).toEqual(['running 0', 'tripped 0', 'running 0']);
  });
});
