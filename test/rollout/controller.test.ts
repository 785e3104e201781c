import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackendState } from '#src/domain/backend.js';
import type { Author } from '#src/domain/control.js';
import type { RolloutStep } from '#src/domain/rollout.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRollouts } from '#src/rollout/controller.js';
import { plugin } from '../control/plugins.js';
import { tripped } from '../trips.js';
import { find, openBench, OPERATOR, placeOf, pricing, statesIn, type Bench } from './harness.js';
import { canary, legacy, planOf, shadow, step, wasm } from './plans.js';

const QUOTE = { plugin: 'pricing', function: 'quote' } as const;
const ALL = { plugin: 'pricing', function: null } as const;
const MINUTES = 60_000;
const plan = planOf(step(shadow), step(canary(5), { manual: true }), step(canary(25)), step(wasm));

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const begin = (of: typeof QUOTE | typeof ALL = QUOTE, what = plan, author: Author = OPERATOR) =>
  bench.rollouts.plan({ ...of, plan: what, precondition: '*', author });
const stageOf = (name = 'quote') => bench.live('pricing', name).route.stage;
const effectiveOf = (name = 'quote') => bench.live('pricing', name).route.effective;
const place = async (of: typeof QUOTE | typeof ALL = QUOTE): Promise<string> => placeOf(await bench.rollouts.get(of));
const pass = { mismatches: 'pass', failures: 'pass' } as const;
const fail = { mismatches: 'fail', failures: 'pass' } as const;
let calls = 0;
/** Makes the present step's conditions true, but for its operator. */
async function meet(name = 'quote', minutes = 10): Promise<void> {
  bench.evidence.say(`pricing/${name}`, pass);
  bench.evidence.count(`pricing/${name}`, (calls += 100));
  await bench.pass(minutes * MINUTES);
}
/** Brings the rollout of quote to a step. */
async function bringTo(target: 'canary 5' | 'canary 25' | 'wasm' | 'completed'): Promise<void> {
  await begin();
  await meet();
  if (target === 'canary 5') return;
  await meet();
  await bench.rollouts.promote(QUOTE, OPERATOR);
  if (target === 'canary 25') return;
  await meet();
  if (target === 'completed') await meet();
}
beforeEach(() => {
  calls = 0;
});

describe('a plan', () => {
  it('begins with its first step, in a revision of its author', async () => {
    const { rollout, warnings } = await begin(QUOTE, plan, { by: 'ann', comment: 'off we go' });
    expect(rollout).toMatchObject({
      ...QUOTE,
      revision: 1,
      state: { state: 'running', step: 0, stalled: false },
      history: [{ from: null, to: { state: 'running', step: 0 }, why: 'planned by ann: off we go' }],
    });
    expect(warnings.some((each) => each.includes('cannot be compared'))).toBe(false);
    expect(stageOf()).toEqual(shadow);
    expect((await bench.control.history(1))[0]).toMatchObject({ by: 'ann', comment: 'off we go' });
  });

  it.each([
    ['an unknown plugin', { plugin: 'nope', function: null }, 'unknown-plugin'],
    ['an unknown function', { plugin: 'pricing', function: 'nope' }, 'unknown-function'],
  ])('of %s is refused', async (_, target, code) => {
    const planning = { ...target, plan, precondition: '*', author: OPERATOR } as const;
    await expect(bench.rollouts.plan(planning)).rejects.toMatchObject({ rejection: { code } });
    expect(await bench.rollouts.all()).toEqual([]);
  });

  it('with steps that could not be taken is refused at once, each mistake at its place', async () => {
    const twice = planOf(step(canary(5)), step({ stage: 'wasm', sample: 5, fallback: true }));
    const planning = {
      plugin: 'pricing',
      function: 'order',
      plan: twice,
      precondition: '*',
      author: OPERATOR,
    } as const;
    await expect(bench.rollouts.plan(planning)).rejects.toMatchObject({
      rejection: {
        code: 'invalid',
        errors: [{ pointer: '/steps/1/stage/sample' }, { pointer: '/steps/1/stage/fallback' }],
      },
    });
    expect(bench.control.current().revision).toBe(0);
  });

  it('needs to know the route that it changes', async () => {
    await bench.set('pricing', 'quote', canary(1));
    const stale = bench.rollouts.plan({ ...QUOTE, plan, precondition: [0], author: OPERATOR });
    await expect(stale).rejects.toMatchObject({ rejection: { code: 'precondition-failed', revision: 1 } });
    await bench.rollouts.plan({ ...QUOTE, plan, precondition: [1], author: OPERATOR });
    expect(await place()).toBe('running 1');
  });

  it('needs to know it as well when its first step is in force already', async () => {
    await bench.set('pricing', 'quote', canary(5));
    const stale = bench.rollouts.plan({ ...QUOTE, plan, precondition: [0], author: OPERATOR });
    await expect(stale).rejects.toMatchObject({ rejection: { code: 'precondition-failed' } });
    expect(await bench.rollouts.all()).toEqual([]);
  });

  it.each([
    ['legacy', legacy, 0, 2],
    ['the stage of a step', canary(25), 2, 1],
    ['something between two steps', canary(7), 2, 2],
    ['wasm', wasm, 3, 1],
  ] as const)('begins, where %s is in force, with a step that moves no caller back', async (_, stage, at, revision) => {
    await bench.set('pricing', 'quote', stage);
    const { rollout, warnings } = await begin();
    expect([placeOf(rollout), rollout.revision]).toEqual([`running ${at}`, revision]);
    expect(warnings.some((each) => each.startsWith('it begins with step'))).toBe(at > 0);
  });

  it('that waits for comparisons which it does not make is told of', async () => {
    const isTold = async (...steps: readonly RolloutStep[]) =>
      (await begin(QUOTE, planOf(...steps))).warnings.some((each) => each.includes('asks for mismatches'));
    const mirrored = { stage: 'canary', percent: 50, sample: 1, allow: [], fallback: false } as const;
    const none = { mismatches: null, failures: { margin: 0.1 }, latency: null, alpha: 5 };
    expect(await isTold(step(canary(5)), step(wasm))).toBe(true);
    expect(await isTold(step({ stage: 'shadow', sample: 10 }), step(canary(5)))).toBe(false);
    expect(await isTold(step(canary(5), { gates: none }), step(mirrored))).toBe(false);
  });

  it('that is not as far as what is in force in any step is refused, and names keys that it would leave out', async () => {
    await bench.set('pricing', 'quote', canary(50, ['tenant-a', 'tenant-b']));
    await expect(begin(QUOTE, planOf(step(canary(5))))).rejects.toMatchObject({ rejection: { code: 'conflict' } });
    const { warnings } = await begin(QUOTE, planOf(step(canary(50, ['tenant-b']))));
    expect(warnings).toContain("tenant-a of the present route's allow are no longer answered by wasm for certain");
  });

  it('takes the place of one that is there, and keeps its history', async () => {
    await bringTo('canary 5');
    const { rollout } = await begin(QUOTE, planOf(step(canary(5)), step(wasm)));
    expect(rollout).toMatchObject({ state: { state: 'running', step: 0 }, progress: { elapsedMs: 0, calls: 0 } });
    expect(rollout.history.map((move) => move.to.step)).toEqual([0, 1, 0]);
  });
});

describe('a plan for what is tripped', () => {
  it('is tripped from the start, its first step set as intent', async () => {
    await bench.set('pricing', 'quote', canary(5));
    await bench.control.trip({ ...QUOTE, trip: tripped({ stage: 'canary' }) });
    const { rollout } = await begin();
    expect([placeOf(rollout), stageOf(), effectiveOf()]).toEqual(['tripped 1', canary(5), legacy]);
  });
});

describe('a step', () => {
  it('is left when its time, its calls and its gates are there, and not before', async () => {
    await begin();
    const missing = async () => (await bench.rollouts.get(QUOTE)).progress.missing;
    expect(await missing()).toEqual([
      '0s of at least 10m have passed in this step',
      '0 of at least 100 calls were made in this step',
      'quote: mismatches is inconclusive: it is inconclusive',
      'quote: failures is inconclusive: it is inconclusive',
    ]);
    bench.evidence.say('pricing/quote', pass);
    await bench.pass(10 * MINUTES - 1);
    bench.evidence.count('pricing/quote', 99);
    await bench.pass(1);
    expect(await missing()).toEqual(['99 of at least 100 calls were made in this step']);
    bench.evidence.count('pricing/quote', 100);
    bench.evidence.say('pricing/quote', { ...pass, failures: 'inconclusive' });
    await bench.pass(1_000);
    expect(await place()).toBe('running 0');
    bench.evidence.say('pricing/quote', pass);
    await bench.pass(1_000);
    expect(await place()).toBe('running 1');
    expect(stageOf()).toEqual(canary(5));
    expect((await bench.control.history(1))[0]).toMatchObject({
      by: 'rollout',
      comment: 'step 2 of 4 (canary 5 %): 10m 2s and 100 calls in the step, its gates hold',
    });
  });

  it('counts the calls that were made in it, not those before', async () => {
    bench.evidence.count('pricing/quote', 5_000);
    await begin();
    expect((await bench.rollouts.get(QUOTE)).progress).toMatchObject({ calls: 0, comparisons: 5_000 });
    bench.evidence.count('pricing/quote', 5_040);
    expect((await bench.rollouts.get(QUOTE)).progress.calls).toBe(40);
    // A kill has cost the evidence its last seconds.
    bench.evidence.count('pricing/quote', 5_010);
    expect((await bench.rollouts.get(QUOTE)).progress.calls).toBe(40);
    bench.evidence.count('pricing/quote', 5_013);
    expect((await bench.rollouts.get(QUOTE)).progress.calls).toBe(43);
  });

  it('that is over its deadline is reported as stalled, once, and goes on all the same', async () => {
    await begin(QUOTE, planOf(step(shadow, { deadlineMs: 60 * MINUTES }), step(wasm)));
    await bench.pass(60 * MINUTES - 1);
    expect(await bench.state('pricing', 'quote')).toMatchObject({ stalled: false });
    await bench.pass(1);
    await bench.pass(1_000);
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: 'running', stalled: true });
    expect(statesIn(bench.events)).toEqual(['running 0', 'running 0']);
    await meet();
    expect(await place()).toBe('running 1');
  });

  it('with a manual gate waits for promote, and for its conditions again when they are met no more', async () => {
    await bringTo('canary 5');
    await meet();
    expect(await place()).toBe('awaiting 1');
    expect((await bench.rollouts.get(QUOTE)).progress.missing).toEqual(["an operator's promote"]);
    bench.evidence.say('pricing/quote', {});
    await bench.pass(1_000);
    expect(await place()).toBe('running 1');
    bench.evidence.say('pricing/quote', pass);
    await bench.pass(1_000);
    await bench.rollouts.promote(QUOTE, { by: 'ann', comment: 'looks good' });
    expect([await place(), stageOf()]).toEqual(['running 2', canary(25)]);
    expect((await bench.control.history(1))[0]).toMatchObject({ by: 'ann', comment: 'looks good' });
  });

  it('asks gates of its own, where it has some', async () => {
    const own = { mismatches: null, failures: null, latency: { quantile: 0.5, ratio: 2 }, alpha: 1 };
    await begin(QUOTE, planOf(step(shadow, { gates: own }), step(wasm)));
    const [quote] = (await bench.rollouts.get(QUOTE)).functions;
    expect(quote!.verdicts.map((each) => [each.gate, each.limit])).toEqual([['latency', 2]]);
    // The plan's are asked by the other step: each has its part of the chance of a wrong verdict.
    expect(bench.evidence.alpha()).toBe(1 / 2);
  });

  it('has its part of the chance of a wrong verdict by how many different gates the plan has', async () => {
    const own = (limit: number) => ({ mismatches: { limit }, failures: null, latency: null, alpha: 5 });
    const steps = [step(shadow, { gates: own(1) }), step(canary(5), { gates: own(1) }), step(wasm, { gates: own(2) })];
    await begin(QUOTE, planOf(...steps));
    await bench.rollouts.get(QUOTE);
    expect(bench.evidence.alpha()).toBe(5 / 2);
    await begin(QUOTE, planOf(...steps, step(wasm), step(wasm, { gates: planOf().gates })));
    await bench.rollouts.get(QUOTE);
    expect(bench.evidence.alpha()).toBeCloseTo(5 / 3);
  });

  it('is the last: then the rollout is completed', async () => {
    await bringTo('completed');
    expect([await place(), stageOf()]).toEqual(['completed', wasm]);
    expect(statesIn(bench.events)).toEqual([
      'running 0',
      'running 1',
      'awaiting 1',
      'running 2',
      'running 3',
      'completed',
    ]);
    expect(bench.control.current().revision).toBe(4);
  });
});

describe('a gate that fails', () => {
  it('trips the function, with reason and figures, and leaves the intent as it was', async () => {
    await bringTo('canary 25');
    bench.evidence.say('pricing/quote', fail);
    await bench.pass(1_000);
    expect(await bench.state('pricing', 'quote')).toMatchObject({
      state: 'tripped',
      step: 2,
      cause: 'gate',
      why: expect.stringContaining('quote: mismatches fails: it is fail') as string,
    });
    expect(bench.control.trips()).toMatchObject([
      {
        ...QUOTE,
        trip: {
          cause: 'gate',
          detail: 'mismatches: it is fail',
          stage: 'canary',
          figures: { estimate: 0.2, lower: 0.2, limit: 0.1, samples: 7 },
          probeAt: null,
          halfOpen: false,
        },
      },
    ]);
    expect([stageOf(), effectiveOf()]).toEqual([canary(25), legacy]);
    const { history } = await bench.rollouts.get(QUOTE);
    expect(history.at(-1)).toMatchObject({
      from: { state: 'running', step: 2 },
      to: { state: 'tripped', step: 2 },
      figures: { seconds: 1, calls: 0, 'quote.mismatches.estimate': 0.2, 'quote.mismatches.limit': 0.1 },
    });
  });

  it.each([
    [
      'waits at a manual gate',
      async () => {
        await bringTo('canary 5');
        await meet();
      },
    ],
    [
      'is paused',
      async () => {
        await bringTo('canary 25');
        await bench.rollouts.pause(QUOTE, OPERATOR);
      },
    ],
    ['is completed', () => bringTo('completed')],
  ])('trips a rollout that %s, too', async (_, come) => {
    await come();
    const before = stageOf();
    bench.evidence.say('pricing/quote', fail);
    await bench.pass(1_000);
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: 'tripped', cause: 'gate' });
    expect([stageOf(), effectiveOf()]).toEqual([before, legacy]);
  });

  it('is asked no more once an operator has taken a completed rollout back', async () => {
    await bringTo('completed');
    await bench.set('pricing', 'quote', legacy);
    bench.evidence.say('pricing/quote', fail);
    await bench.pass(1_000);
    expect([await place(), bench.control.trips()]).toEqual(['completed', []]);
  });

  it('is kept, as is its trip, over a restart', async () => {
    await bringTo('canary 25');
    bench.evidence.say('pricing/quote', fail);
    await bench.pass(1_000);
    await bench.kill();
    expect(await place()).toBe('tripped 2');
    expect(effectiveOf()).toEqual(legacy);
  });

  it('keeps resume from going on until another build, or plan, is there', async () => {
    await bringTo('canary 25');
    bench.evidence.say('pricing/quote', fail);
    await bench.pass(1_000);
    await expect(bench.rollouts.resume(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'conflict', detail: expect.stringContaining('mismatches fails') as string },
    });
    bench.evidence.say('pricing/quote', {});
    expect(placeOf(await bench.rollouts.resume(QUOTE, OPERATOR))).toBe('running 2');
    expect([bench.control.trips(), effectiveOf()]).toEqual([[], canary(25)]);
    expect((await bench.rollouts.get(QUOTE)).progress).toMatchObject({ elapsedMs: 0, calls: 0 });
    expect(bench.control.current().revision).toBe(3);
  });
});

describe('a gate that fails while legacy is down', () => {
  const report = (state: BackendState) => bench.reports.get('pricing/legacy')!({ type: 'state', state });
  const rollout = () => bench.rollouts.get(QUOTE);
  const troubles = () => bench.events.map((event) => event.type === 'rollout' && event.rollout.trouble);

  it.each(['canary 25', 'completed'] as const)('in %s leaves callers with wasm until it is ready', async (where) => {
    await bringTo(where);
    const before = await place();
    report({ state: 'backing-off', until: 0, cause: 'SIGSEGV' });
    bench.evidence.say('pricing/quote', fail);
    await bench.pass(1_000);
    await bench.pass(1_000);
    expect([await place(), bench.control.trips(), effectiveOf()]).toEqual([before, [], stageOf()]);
    const why = /^gates of quote fail, but the legacy backend of pricing is backing-off: callers stay with wasm/;
    expect((await rollout()).trouble).toMatch(why);
    expect(troubles().filter((trouble) => trouble !== false && trouble !== null)).toEqual([expect.stringMatching(why)]);
    report({ state: 'ready', pids: [] });
    await bench.pass(1_000);
    expect([(await rollout()).state.state, (await rollout()).trouble, effectiveOf()]).toEqual([
      'tripped',
      null,
      legacy,
    ]);
  });

  it('trips where no caller is with wasm', async () => {
    await begin();
    report({ state: 'backing-off', until: 0, cause: 'SIGSEGV' });
    bench.evidence.say('pricing/quote', fail);
    await bench.pass(1_000);
    expect(await place()).toBe('tripped 0');
  });
});

describe('an abort while legacy is down', () => {
  it("is the operator's word: it takes calls back, and says what that is worth", async () => {
    await bringTo('canary 25');
    bench.reports.get('pricing/legacy')!({
      type: 'state',
      state: { state: 'backing-off', until: 0, cause: 'SIGSEGV' },
    });
    const { rollout, warnings } = await bench.rollouts.abort(QUOTE, OPERATOR);
    expect([placeOf(rollout), effectiveOf()]).toEqual(['aborted 2', legacy]);
    expect(warnings).toEqual([
      'the legacy backend of pricing is backing-off: calls that are taken back are not answered until it is ready',
    ]);
  });
});

describe('a trip by anybody else', () => {
  const trip = (given: object = {}) => bench.control.trip({ ...QUOTE, trip: tripped(given) });

  it('makes it tripped at once, and when it is ended the rollout goes on, its step beginning again', async () => {
    await bringTo('canary 25');
    await bench.pass(9 * MINUTES);
    await trip();
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: 'tripped', cause: 'trapped', step: 2 });
    await bench.pass(60 * MINUTES);
    await bench.control.endTrips(QUOTE, { by: 'probe', comment: null });
    const rollout = await bench.rollouts.get(QUOTE);
    expect([placeOf(rollout), rollout.progress.elapsedMs]).toEqual(['running 2', 0]);
    await meet();
    expect(await place()).toBe('running 3');
  });

  it('is told of without waiting for the clock', async () => {
    await bringTo('canary 25');
    await trip();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(statesIn(bench.events).at(-1)).toBe('tripped 2');
  });

  it('does not wake one that an operator has paused', async () => {
    await bringTo('canary 25');
    await bench.rollouts.pause(QUOTE, OPERATOR);
    await trip();
    expect(await place()).toBe('tripped 2');
    await bench.control.endTrips(QUOTE, OPERATOR);
    expect(await place()).toBe('paused 2');
  });

  it('leaves a completed rollout completed when it is over', async () => {
    await bringTo('completed');
    await trip();
    expect(await place()).toBe('tripped 3');
    await bench.rollouts.resume(QUOTE, OPERATOR);
    expect([await place(), bench.control.trips()]).toEqual(['completed', []]);
  });
});

describe('operators', () => {
  it('pause and resume: what is in force stays, and the time in the step stands still', async () => {
    await bringTo('canary 25');
    await bench.pass(4 * MINUTES);
    await bench.rollouts.pause(QUOTE, { by: 'ann', comment: 'lunch' });
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: 'paused', by: 'ann', why: 'lunch' });
    await meet();
    expect([await place(), stageOf()]).toEqual(['paused 2', canary(25)]);
    const { revision } = bench.control.current();
    const resumed = await bench.rollouts.resume(QUOTE, OPERATOR);
    expect([placeOf(resumed), resumed.progress.elapsedMs]).toEqual(['running 2', 4 * MINUTES]);
    expect(bench.control.current().revision).toBe(revision);
    await bench.pass(6 * MINUTES - 1_000);
    expect(await place()).toBe('running 2');
    await bench.pass(1_000);
    expect(await place()).toBe('running 3');
  });

  it('pause the deadline as well, over a restart, too', async () => {
    await begin(QUOTE, planOf(step(shadow, { deadlineMs: 60 * MINUTES }), step(wasm)));
    await bench.pass(50 * MINUTES);
    await bench.rollouts.pause(QUOTE, OPERATOR);
    await bench.pass(30 * MINUTES);
    await bench.kill();
    await bench.pass(30 * MINUTES);
    expect((await bench.rollouts.get(QUOTE)).progress.elapsedMs).toBe(50 * MINUTES);
    await bench.rollouts.resume(QUOTE, OPERATOR);
    await bench.kill();
    await bench.pass(10 * MINUTES - 1);
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: 'running', stalled: false });
    await bench.pass(1);
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: 'running', stalled: true });
  });

  it('promote a step that has not met its conditions, which the history says', async () => {
    await begin();
    await bench.rollouts.promote(QUOTE, OPERATOR);
    const { history } = await bench.rollouts.get(QUOTE);
    expect([await place(), stageOf()]).toEqual(['running 1', canary(5)]);
    expect(history.at(-1)!.why).toContain('promoted by ann, although 0s of at least 10m have passed');
  });

  it.each(['running', 'awaiting', 'paused', 'tripped', 'completed'])('abort one that is %s', async (name) => {
    await bringTo(name === 'completed' ? 'completed' : name === 'awaiting' ? 'canary 5' : 'canary 25');
    if (name === 'awaiting') await meet();
    if (name === 'paused') await bench.rollouts.pause(QUOTE, OPERATOR);
    if (name === 'tripped') {
      await bench.control.trip({ ...QUOTE, trip: tripped({ probeAt: '2026-11-22T12:00:00Z', stage: 'canary' }) });
    }
    const [before, revision] = [stageOf(), bench.control.current().revision];
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: name });
    await bench.rollouts.abort(QUOTE, { by: 'ann', comment: 'fire' });
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: 'aborted', by: 'ann' });
    expect([stageOf(), effectiveOf(), bench.control.current().revision]).toEqual([before, legacy, revision]);
    expect(bench.control.trips()).toMatchObject([
      { trip: { cause: 'abort', detail: 'aborted by ann: fire', probeAt: null, stage: before.stage } },
    ]);
    await bench.pass(60 * MINUTES);
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: 'aborted' });
  });

  it.each(['paused', 'completed', 'aborted', 'tripped'])(
    'remove one that is %s: no route and no trip changes',
    async (name) => {
      await bringTo(name === 'completed' ? 'completed' : 'canary 25');
      if (name === 'paused' || name === 'tripped') await bench.rollouts.pause(QUOTE, OPERATOR);
      if (name === 'tripped') await bench.control.trip({ ...QUOTE, trip: tripped() });
      if (name === 'aborted') await bench.rollouts.abort(QUOTE, OPERATOR);
      expect(await bench.state('pricing', 'quote')).toMatchObject({ state: name });
      const [before, trips] = [bench.live('pricing', 'quote').route, bench.control.trips()];
      const answer = await bench.rollouts.remove(QUOTE, { by: 'ann', comment: 'done with' });
      expect(answer).toMatchObject({
        state: { state: 'removed', by: 'ann', why: 'done with' },
        history: expect.arrayContaining([
          expect.objectContaining({ to: { state: 'removed', step: name === 'completed' ? 3 : 2 } }),
        ]) as unknown[],
      });
      expect(bench.events.at(-1)).toMatchObject({ type: 'rollout', ...QUOTE, rollout: { state: answer.state } });
      expect([await bench.rollouts.all(), bench.live('pricing', 'quote').route, bench.control.trips()]).toEqual([
        [],
        before,
        trips,
      ]);
      await bench.kill();
      expect([await bench.rollouts.all(), effectiveOf()]).toEqual([[], before.effective]);
      await expect(bench.rollouts.remove(QUOTE, OPERATOR)).rejects.toMatchObject({ rejection: { code: 'not-found' } });
      const { history } = (await begin()).rollout;
      expect(history.filter((move) => move.to.state !== 'tripped').map((move) => move.from)).toEqual([null]);
    },
  );

  it.each(['running', 'awaiting', 'tripped'])('remove none that is %s, and would move on by itself', async (name) => {
    await bringTo('canary 5');
    if (name === 'awaiting') await meet();
    if (name === 'tripped') await bench.control.trip({ ...QUOTE, trip: tripped() });
    await expect(bench.rollouts.remove(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'conflict', detail: expect.stringContaining(`it is ${name}, and would move on`) as string },
    });
    expect(await bench.state('pricing', 'quote')).toMatchObject({ state: name });
  });

  it('remove what is of a plugin that has left the gateway', async () => {
    await bringTo('canary 25');
    await bench.rollouts.pause(QUOTE, OPERATOR);
    bench.found = find(plugin('vowels'));
    await bench.control.reload(OPERATOR);
    await bench.rollouts.remove(QUOTE, OPERATOR);
    expect(await bench.rollouts.all()).toEqual([]);
  });

  it('resume what was aborted: wasm gets its calls back, in the same step', async () => {
    await bringTo('canary 25');
    await bench.rollouts.abort(QUOTE, OPERATOR);
    await bench.kill();
    expect([await place(), effectiveOf()]).toEqual(['aborted 2', legacy]);
    await bench.rollouts.resume(QUOTE, OPERATOR);
    expect([await place(), effectiveOf(), bench.control.trips()]).toEqual(['running 2', canary(25), []]);
  });

  it('resume what is given back by somebody else at the same moment', async () => {
    await bringTo('canary 25');
    await bench.rollouts.abort(QUOTE, OPERATOR);
    const [, resumed] = await Promise.all([
      bench.control.endTrips(QUOTE, { by: 'bob', comment: null }),
      bench.rollouts.resume(QUOTE, OPERATOR),
    ]);
    expect([placeOf(resumed), effectiveOf()]).toEqual(['running 2', canary(25)]);
  });

  it('that end the trip of an aborted rollout find it paused', async () => {
    await bringTo('canary 25');
    await bench.rollouts.abort(QUOTE, OPERATOR);
    await bench.control.endTrips(QUOTE, OPERATOR);
    await meet();
    expect([await place(), effectiveOf()]).toEqual(['paused 2', canary(25)]);
  });

  it('hear why a word does not fit', async () => {
    await begin();
    await expect(bench.rollouts.resume(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'conflict', detail: expect.stringContaining('it is running') as string },
    });
    await expect(bench.rollouts.pause(ALL, OPERATOR)).rejects.toMatchObject({ rejection: { code: 'not-found' } });
    const nobody = { plugin: 'nobody', function: null };
    await expect(bench.rollouts.pause(nobody, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'unknown-plugin' },
    });
  });

  it.each([
    ['a flip', () => bench.set('pricing', 'quote', canary(50), { author: { by: 'bob', comment: 'faster' } })],
    [
      'a rollback',
      () =>
        bench.control.rollback({
          revision: null,
          plugin: null,
          function: null,
          precondition: '*',
          author: { by: 'bob', comment: 'faster' },
        }),
    ],
  ])('pause it by %s of its route, which stays as they set it', async (_, change) => {
    await bringTo('canary 25');
    await change();
    const [stage, { revision }] = [stageOf(), bench.control.current()];
    expect(await bench.state('pricing', 'quote')).toMatchObject({
      state: 'paused',
      step: 2,
      by: 'bob',
      why: `revision ${revision} changed its route: faster`,
    });
    await meet();
    await meet();
    expect([stageOf(), bench.control.current().revision]).toEqual([stage, revision]);
  });

  it('resume it from where they have set the route: forward, never back', async () => {
    await bringTo('canary 5');
    await bench.set('pricing', 'quote', canary(50));
    expect(await place()).toBe('paused 1');
    await bench.rollouts.resume(QUOTE, OPERATOR);
    expect([await place(), stageOf()]).toEqual(['running 3', wasm]);
  });

  it('resume it after they had lowered the share: the step begins again', async () => {
    await bringTo('canary 25');
    await bench.set('pricing', 'quote', canary(10));
    await bench.pass(20 * MINUTES);
    const resumed = await bench.rollouts.resume(QUOTE, OPERATOR);
    expect([placeOf(resumed), stageOf(), resumed.progress.elapsedMs]).toEqual(['running 2', canary(25), 0]);
  });

  it('who change another route leave it alone', async () => {
    await bringTo('canary 5');
    await bench.set('pricing', 'tax', wasm);
    await bench.set('pricing', null, wasm);
    expect(await place()).toBe('running 1');
  });
});

describe('a completed rollout', () => {
  const changed = async () => (await bench.rollouts.get(QUOTE)).changed;
  beforeEach(() => bringTo('completed'));

  it('says what somebody has made of its route since, and stays completed, over a restart, too', async () => {
    expect(await changed()).toBeNull();
    const told = statesIn(bench.events).length;
    await bench.set('pricing', 'quote', canary(50));
    const expected = { revision: bench.control.current().revision, stage: canary(50), own: true };
    expect([await place(), await changed()]).toEqual(['completed', expected]);
    await bench.kill();
    expect([await place(), await changed()]).toEqual(['completed', expected]);
    expect(statesIn(bench.events)).toHaveLength(told);
  });

  it('says that a function follows its plugin again, and what of', async () => {
    await bench.set('pricing', null, canary(10));
    expect(await changed()).toBeNull();
    await bench.control.flip({
      edits: [{ ...QUOTE, stage: null, cascade: false }],
      scope: 'route',
      precondition: '*',
      dryRun: false,
      author: OPERATOR,
    });
    expect([await place(), await changed()]).toEqual([
      'completed',
      { revision: bench.control.current().revision, stage: canary(10), own: false },
    ]);
  });

  it('has nothing to say of a route that is not there', async () => {
    bench.found = find(plugin('vowels'));
    await bench.control.reload(OPERATOR);
    expect(await changed()).toBeNull();
  });
});

describe('a restart', () => {
  it('in mid-step goes on in it, with its time and its calls, and flips nothing again', async () => {
    await bringTo('canary 25');
    bench.evidence.count('pricing/quote', calls + 60);
    await bench.pass(6 * MINUTES);
    await bench.restart();
    const { revision } = bench.control.current();
    expect((await bench.rollouts.get(QUOTE)).progress).toMatchObject({ elapsedMs: 6 * MINUTES, calls: 60 });
    await bench.pass(4 * MINUTES - 1_000);
    expect([await place(), bench.control.current().revision]).toEqual(['running 2', revision]);
    bench.evidence.count('pricing/quote', calls + 100);
    await bench.pass(1_000);
    expect([await place(), bench.control.current().revision]).toEqual(['running 3', revision + 1]);
  });

  it('that is a kill loses at most half a minute of counted calls', async () => {
    await begin();
    bench.evidence.count('pricing/quote', 60);
    await bench.pass(1_000);
    bench.evidence.count('pricing/quote', 70);
    await bench.pass(30_000);
    bench.evidence.count('pricing/quote', 75);
    await bench.pass(1_000);
    await bench.kill();
    expect((await bench.rollouts.get(QUOTE)).progress.calls).toBe(75);
  });

  it('that is a kill loses no more of them although the time of day was set back', async () => {
    await begin();
    bench.evidence.count('pricing/quote', 60);
    await bench.pass(1_000);
    bench.clock.setBack(3_600_000);
    await bench.pass(30_000);
    const kept = await readFile(join(bench.folder, 'rollouts.json'), 'utf8');
    expect(kept).toContain('"calls": 60');
  });

  it('that is a kill never counts again what was counted before the step', async () => {
    bench.evidence.count('pricing/quote', 1_000_000);
    await begin();
    // Evidence is written every five seconds.
    bench.evidence.count('pricing/quote', 999_950);
    await bench.kill();
    expect((await bench.rollouts.get(QUOTE)).progress.calls).toBe(0);
    bench.evidence.count('pricing/quote', 999_953);
    expect((await bench.rollouts.get(QUOTE)).progress.calls).toBe(3);
  });

  it('between the decision and the flip makes the flip, once', async () => {
    await begin();
    const before = bench.control.current().revision;
    await killBefore('flip');
    expect([await place(), stageOf()]).toEqual(['running 1', canary(5)]);
    expect(bench.control.current().revision).toBe(before + 1);
    expect((await bench.control.history(1))[0]).toMatchObject({ by: 'rollout' });
    await bench.pass(1_000);
    await bench.restart();
    expect(bench.control.current().revision).toBe(before + 1);
  });

  it('between the flip and its note does not flip again', async () => {
    await begin();
    const before = bench.control.current().revision;
    await killBefore('note');
    expect([await place(), stageOf()]).toEqual(['running 1', canary(5)]);
    expect(bench.control.current().revision).toBe(before + 1);
  });

  it('between the decision and the flip leaves an operator, who was faster, his way', async () => {
    await begin();
    await killBefore('flip', () => bench.set('pricing', 'quote', canary(1)));
    expect([await place(), stageOf()]).toEqual(['paused 0', canary(1)]);
  });

  describe('between the decision and the flip, with a store that refuses', () => {
    beforeEach(async () => {
      await begin();
      await killBefore('flip', () => {
        bench.beforeWrite = () => Promise.reject(new Error('disk full'));
        return Promise.resolve();
      });
      expect([await place(), stageOf()]).toEqual(['running 1', shadow]);
    });

    it('takes trips in all the same', async () => {
      await bench.control.trip({ ...QUOTE, trip: tripped() });
      expect(await place()).toBe('tripped 1');
      bench.beforeWrite = () => Promise.resolve();
      await bench.pass(1_000);
      expect([await place(), stageOf(), effectiveOf()]).toEqual(['tripped 1', canary(5), legacy]);
    });

    it('leaves an operator, who aborts it and sets the route, the last word', async () => {
      await expect(bench.rollouts.abort(QUOTE, OPERATOR)).rejects.toMatchObject({
        rejection: { code: 'store-unavailable' },
      });
      await bench.set('pricing', 'quote', canary(1));
      bench.beforeWrite = () => Promise.resolve();
      await bench.pass(1_000);
      expect([await place(), stageOf(), effectiveOf()]).toEqual(['aborted 1', canary(1), legacy]);
    });
  });

  it('is no way to draw keys anew: nothing of a rollout but the percentage decides about a key', async () => {
    await bringTo('canary 25');
    const { allowed, effective } = bench.live('pricing', 'quote').route;
    await bench.restart();
    expect(bench.live('pricing', 'quote').route).toMatchObject({ allowed, effective });
    const kept = await readFile(join(bench.folder, 'rollouts.json'), 'utf8');
    expect(kept).not.toMatch(/seed|salt|bucket/);
  });

  it('with a document that is no such thing is refused, and says what to do', async () => {
    const file = join(bench.folder, 'rollouts.json');
    await bench.rollouts.close();
    await writeFile(file, '{"format":"banyan/rollouts","version":1,"rollouts":[{"plugin":"pricing"}]}');
    await expect(bench.kill()).rejects.toThrow(/rollouts are not readable .* move rollouts.json aside/);
    expect(await readFile(file, 'utf8')).toContain('[{"plugin":"pricing"}]');
    await rm(file);
    await bench.start();
  });

  it('is left as it is by a process that ends before it has read it', async () => {
    await begin();
    const file = join(bench.folder, 'rollouts.json');
    const before = await readFile(file, 'utf8');
    const aside = bench.store.aside('rollouts');
    const other = createRollouts({
      control: bench.control,
      evidence: bench.evidence,
      aside,
      onEvent: () => undefined,
      log: { info: () => undefined, error: () => undefined },
    });
    await other.close();
    expect(await readFile(file, 'utf8')).toBe(before);
  });

  it('whose step its plan does not have is refused', async () => {
    await begin();
    const file = join(bench.folder, 'rollouts.json');
    await bench.rollouts.close();
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('"step": 0', '"step": 9'));
    await expect(bench.kill()).rejects.toThrow(/rollouts\.0\.state: its plan has 4 steps/);
    await rm(file);
    await bench.start();
  });
});

/** Lets a step be decided, ends the process right before the flip, or before the note that it was made, and starts it again. */
async function killBefore(what: 'flip' | 'note', meanwhile?: () => Promise<unknown>): Promise<void> {
  let reached = false;
  const hang = (): Promise<never> => {
    reached = true;
    return new Promise(() => undefined);
  };
  const { control } = bench;
  const flip = control.flip.bind(control);
  let writes = 0;
  if (what === 'flip') Object.assign(control, { flip: hang });
  else bench.beforeWrite = () => (++writes < 2 ? Promise.resolve() : hang());
  void meet();
  await expect.poll(() => reached).toBe(true);
  Object.assign(control, { flip });
  bench.beforeWrite = () => Promise.resolve();
  await meanwhile?.();
  await bench.kill();
}

describe('a store that cannot be written', () => {
  it('makes a step wait, says so, and is tried again', async () => {
    await begin();
    bench.beforeWrite = () => Promise.reject(new Error('disk full'));
    await meet();
    expect([await place(), stageOf()]).toEqual(['running 0', shadow]);
    expect((await bench.rollouts.get(QUOTE)).trouble).toContain('disk full');
    await bench.pass(1_000);
    await bench.pass(1_000);
    expect(bench.logged.filter((message) => message === 'a rollout has to wait')).toHaveLength(1);
    bench.beforeWrite = () => Promise.resolve();
    await bench.pass(1_000);
    expect([await place(), stageOf()]).toEqual(['running 1', canary(5)]);
    expect((await bench.rollouts.get(QUOTE)).trouble).toBeNull();
  });

  it('refuses a pause, which is then none', async () => {
    await begin();
    bench.beforeWrite = () => Promise.reject(new Error('disk full'));
    await expect(bench.rollouts.pause(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'store-unavailable' },
    });
    expect(await place()).toBe('running 0');
  });

  it('refuses a removal, which is then none, and leaves all in their order', async () => {
    await begin();
    await bench.rollouts.plan({ plugin: 'pricing', function: 'tax', plan, precondition: '*', author: OPERATOR });
    await bench.rollouts.pause(QUOTE, OPERATOR);
    const told = bench.events.length;
    bench.beforeWrite = () => Promise.reject(new Error('disk full'));
    await expect(bench.rollouts.remove(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'store-unavailable' },
    });
    expect((await bench.rollouts.all()).map((each) => [each.function, placeOf(each)])).toEqual([
      ['quote', 'paused 0'],
      ['tax', 'running 0'],
    ]);
    expect(bench.events.slice(told)).toEqual([]);
  });

  it('does not keep an abort from taking calls back, whose answer says what it is worth', async () => {
    await bringTo('canary 25');
    bench.beforeWrite = () => Promise.reject(new Error('disk full'));
    await expect(bench.rollouts.abort(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'store-unavailable', detail: expect.stringContaining('it is in force, but') as string },
    });
    expect([await place(), effectiveOf()]).toEqual(['aborted 2', legacy]);
    bench.beforeWrite = () => Promise.resolve();
    await bench.pass(1_000);
    await bench.kill();
    expect([await place(), effectiveOf()]).toEqual(['aborted 2', legacy]);
  });
});

describe('a resume that cannot be kept', () => {
  it('gives no calls back', async () => {
    await bringTo('canary 25');
    await bench.rollouts.abort(QUOTE, OPERATOR);
    bench.beforeWrite = () => Promise.reject(new Error('disk full'));
    await expect(bench.rollouts.resume(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'store-unavailable' },
    });
    expect([await place(), effectiveOf()]).toEqual(['aborted 2', legacy]);
  });
});

describe('an abort of what is retired', () => {
  it('is refused: there is nothing to take calls back to', async () => {
    await bringTo('completed');
    await bench.set('pricing', 'quote', { stage: 'retired' });
    await expect(bench.rollouts.abort(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'conflict', detail: expect.stringContaining('is retired') as string },
    });
    expect(await place()).toBe('completed');
  });
});

describe('trips that cannot be kept', () => {
  it('take calls back all the same, and an abort says what it is worth', async () => {
    await bringTo('canary 25');
    // Where the store would write them next.
    await mkdir(join(bench.folder, 'trips.json.tmp'));
    await expect(bench.rollouts.abort(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'store-unavailable', detail: expect.stringContaining('a restart would forget it') as string },
    });
    expect([await place(), effectiveOf()]).toEqual(['aborted 2', legacy]);
  });
});

describe('a rollout of a whole plugin', () => {
  const both = async (verdicts: object, count = (calls += 100)): Promise<void> => {
    for (const name of ['quote', 'tax']) {
      bench.evidence.say(`pricing/${name}`, verdicts);
      bench.evidence.count(`pricing/${name}`, count / 2);
    }
    await bench.pass(10 * MINUTES);
  };
  const simple = planOf(step(shadow), step(canary(5)), step(wasm));

  it('asks the gates of every function, shares the chance of a wrong verdict, and counts the calls of all', async () => {
    const { warnings } = await begin(ALL, simple);
    expect(warnings).toContain('order cannot be compared: effects: unsafe forbids to run a call twice');
    await meet('quote');
    expect(await place(ALL)).toBe('running 0');
    bench.evidence.say('pricing/tax', pass);
    await bench.pass(1_000);
    expect(await place(ALL)).toBe('running 1');
    expect(bench.evidence.alpha()).toBeCloseTo(5 / 3);
    expect([stageOf('quote'), stageOf('tax'), stageOf('order')]).toEqual([canary(5), canary(5), canary(5)]);
  });

  it('is not held up by a function that cannot be compared, names it, and trips when its gates fail', async () => {
    await begin(ALL, simple);
    await both(pass);
    const { functions, history } = await bench.rollouts.get(ALL);
    expect(functions.map((each) => [each.function, each.comparable])).toEqual([
      ['quote', true],
      ['tax', true],
      ['order', false],
    ]);
    expect(history.at(-1)!.why).toContain('order cannot be compared (effects: unsafe)');
    bench.evidence.say('pricing/order', { failures: 'fail' });
    await bench.pass(1_000);
    expect(await place(ALL)).toBe('tripped 1');
    expect([effectiveOf('order'), effectiveOf('quote')]).toEqual([legacy, canary(5)]);
  });

  it('of functions none of which can be compared waits for what their own calls show', async () => {
    await bench.close();
    bench = await openBench(plugin('pricing', { functions: { order: 'unsafe' } }));
    const orders = planOf(step(canary(5)), step(wasm));
    await begin(ALL, orders);
    bench.evidence.count('pricing/order', 100);
    await bench.pass(10 * MINUTES);
    expect((await bench.rollouts.get(ALL)).progress.missing).toEqual([
      'order: failures is inconclusive: it is inconclusive',
    ]);
    bench.evidence.say('pricing/order', { failures: 'pass' });
    await bench.pass(1_000);
    expect(await place(ALL)).toBe('running 1');
  });

  it('leaves functions with a route of their own alone', async () => {
    await bench.set('pricing', 'tax', legacy);
    await begin(ALL, simple);
    await meet('quote');
    expect([await place(ALL), stageOf('tax')]).toEqual(['running 1', legacy]);
    await bench.control.trip({ plugin: 'pricing', function: 'tax', trip: tripped() });
    expect(await place(ALL)).toBe('running 1');
    await bench.rollouts.abort(ALL, OPERATOR);
    expect(bench.control.trips().map((each) => [each.function, each.trip.cause])).toEqual([
      ['tax', 'trapped'],
      ['quote', 'abort'],
      ['order', 'abort'],
    ]);
    await bench.rollouts.resume(ALL, OPERATOR);
    expect(bench.control.trips().map((each) => each.function)).toEqual(['tax']);
  });

  describe('that is aborted', () => {
    const held = () =>
      bench.control
        .trips()
        .map((each) => each.function)
        .sort();
    const drop = (name: string) =>
      bench.control.flip({
        edits: [{ plugin: 'pricing', function: name, stage: null, cascade: false }],
        scope: 'route',
        precondition: '*',
        dryRun: false,
        author: OPERATOR,
      });
    const withNew = plugin('pricing', {
      functions: { quote: 'pure', tax: 'pure', order: 'unsafe', fresh: 'pure' },
      wasm: 'w1',
    });

    beforeEach(async () => {
      await bench.set('pricing', 'tax', legacy);
      await begin(ALL, simple);
      await meet('quote');
      expect(await place(ALL)).toBe('running 1');
      await bench.rollouts.abort(ALL, OPERATOR);
      expect(held()).toEqual(['order', 'quote']);
    });

    it('holds back a function that comes to follow the route later', async () => {
      await drop('tax');
      expect([await place(ALL), effectiveOf('tax')]).toEqual(['aborted 1', legacy]);
      expect(bench.live('pricing', 'tax').route.tripped).toMatchObject({
        cause: 'abort',
        stage: 'canary',
        probeAt: null,
      });
      await bench.rollouts.resume(ALL, OPERATOR);
      expect([held(), effectiveOf('tax')]).toEqual([[], canary(5)]);
    });

    it('holds back a function that a reload has brought', async () => {
      bench.found = find(withNew);
      await bench.control.reload(OPERATOR);
      expect([await place(ALL), effectiveOf('fresh')]).toEqual(['aborted 1', legacy]);
      expect(held()).toEqual(['fresh', 'order', 'quote']);
    });

    it('holds back one that was there when the gateway started again', async () => {
      bench.found = find(withNew);
      await bench.kill();
      expect([await place(ALL), effectiveOf('fresh')]).toEqual(['aborted 1', legacy]);
    });

    it('leaves alone what an operator has given back, over a restart, too', async () => {
      await drop('tax');
      expect(await place(ALL)).toBe('aborted 1');
      for (const name of ['quote', 'tax'])
        await bench.control.endTrips({ plugin: 'pricing', function: name }, OPERATOR);
      await bench.pass(1_000);
      expect([await place(ALL), held(), effectiveOf('tax')]).toEqual(['aborted 1', ['order'], canary(5)]);
      await bench.kill();
      expect([await place(ALL), held(), effectiveOf('tax')]).toEqual(['aborted 1', ['order'], canary(5)]);
    });

    it('asks the gates of what an operator has given back', async () => {
      await bench.control.endTrips({ plugin: 'pricing', function: 'quote' }, OPERATOR);
      bench.evidence.say('pricing/quote', fail);
      await bench.pass(1_000);
      expect([await place(ALL), effectiveOf('quote')]).toEqual(['aborted 1', legacy]);
      expect(bench.live('pricing', 'quote').route.tripped).toMatchObject({ cause: 'gate' });
    });

    it('leaves the trip of one that comes back as it was', async () => {
      const before = bench.live('pricing', 'quote').route.tripped;
      await bench.set('pricing', 'quote', canary(1));
      await bench.pass(1_000);
      await drop('quote');
      expect(await place(ALL)).toBe('aborted 1');
      expect(bench.live('pricing', 'quote').route.tripped).toEqual(before);
    });

    it('is not found paused because nothing followed the route for a while', async () => {
      await bench.set('pricing', 'quote', legacy);
      await bench.set('pricing', 'order', legacy);
      expect(await place(ALL)).toBe('aborted 1');
      await drop('tax');
      expect([await place(ALL), effectiveOf('tax')]).toEqual(['aborted 1', legacy]);
    });
  });

  it.each([
    [
      'a gate',
      async () => {
        bench.evidence.say('pricing/quote', fail);
        await bench.pass(0);
      },
    ],
    ['the breaker', () => bench.control.trip({ plugin: 'pricing', function: 'quote', trip: tripped() })],
  ])('of which one function is tripped by %s goes on asking the gates of the others', async (_, trip) => {
    await begin(ALL, simple);
    await both(pass);
    await trip();
    await bench.pass(1_000);
    expect([await place(ALL), effectiveOf('quote'), effectiveOf('tax')]).toEqual(['tripped 1', legacy, canary(5)]);
    const first = bench.live('pricing', 'quote').route.tripped;
    bench.evidence.say('pricing/tax', fail);
    await bench.pass(1_000);
    expect([await place(ALL), effectiveOf('tax'), effectiveOf('order')]).toEqual(['tripped 1', legacy, canary(5)]);
    expect(bench.live('pricing', 'tax').route.tripped).toMatchObject({ cause: 'gate' });
    expect((await bench.rollouts.get(ALL)).history.at(-1)!.why).toContain('tax: mismatches fails');
    // What is tripped is not tripped again, look for look.
    const told = bench.events.length;
    await bench.pass(1_000);
    expect(bench.events).toHaveLength(told);
    expect(bench.live('pricing', 'quote').route.tripped).toEqual(first);
  });

  it('goes on when the last of its functions is tripped no more', async () => {
    await begin(ALL, simple);
    await both(pass);
    for (const name of ['quote', 'order'])
      await bench.control.trip({ plugin: 'pricing', function: name, trip: tripped() });
    expect(await place(ALL)).toBe('tripped 1');
    await bench.control.endTrips({ plugin: 'pricing', function: 'quote' }, OPERATOR);
    expect(await place(ALL)).toBe('tripped 1');
    await bench.control.endTrips({ plugin: 'pricing', function: 'order' }, OPERATOR);
    expect(await place(ALL)).toBe('running 1');
  });

  describe('with fifty functions, whose gates take two milliseconds each,', () => {
    let asked: number;
    const done = (): Promise<unknown> => bench.rollouts.get({ plugin: 'nobody', function: null }).catch(() => null);
    beforeEach(async () => {
      await bench.close();
      const names = Array.from({ length: 50 }, (_, at) => [`f${at}`, 'pure'] as const);
      bench = await openBench(plugin('pricing', { functions: Object.fromEntries(names) }));
      await begin(ALL, simple);
      asked = 0;
      const gates = bench.evidence.gates.bind(bench.evidence);
      Object.assign(bench.evidence, {
        gates: (...of: Parameters<typeof gates>) => {
          asked += 1;
          bench.clock.slip(2);
          return gates(...of);
        },
      });
    });

    it('lets calls go on between one function and the next', async () => {
      bench.clock.pass(1_000);
      const seen = new Set<number>();
      while (asked < 50) {
        seen.add(asked);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(seen.size).toBeGreaterThan(40);
    });

    it('rests between looks for twenty times as long as one takes', async () => {
      for (const [ms, expected] of [
        [1_000, 50],
        [1_000, 50],
        [999, 50],
        [1, 100],
      ] as const) {
        bench.clock.pass(ms);
        await done();
        expect(asked).toBe(expected);
      }
    });
  });

  it('is looked at once a second although the time of day was set back', async () => {
    await begin(ALL, simple);
    await both(pass);
    bench.clock.setBack(3_600_000);
    bench.evidence.say('pricing/tax', fail);
    await bench.pass(1_000);
    expect(effectiveOf('tax')).toEqual(legacy);
  });

  it('that nothing goes by is never taken for one that goes well', async () => {
    for (const name of ['quote', 'tax', 'order']) await bench.set('pricing', name, legacy);
    await begin(ALL, simple);
    await both(pass);
    expect(await place(ALL)).toBe('running 0');
    expect((await bench.rollouts.get(ALL)).progress.missing).toContain('no function goes by this route');
  });
});

describe('a new build', () => {
  const reload = async (build: string): Promise<void> => {
    bench.found = find(pricing(build));
    // Evidence is about artefacts: of new ones there is none.
    bench.evidence.say('pricing/quote', {});
    bench.evidence.count('pricing/quote', 0);
    await bench.control.reload(OPERATOR);
  };

  it('begins the step again: gates wait for it, and so do time and calls', async () => {
    await bringTo('canary 25');
    bench.evidence.count('pricing/quote', calls + 90);
    await bench.pass(9 * MINUTES);
    await reload('w2');
    const { state, progress, history } = await bench.rollouts.get(QUOTE);
    expect(state).toMatchObject({ state: 'running', step: 2 });
    expect(progress).toMatchObject({ elapsedMs: 0, calls: 0 });
    expect(history.at(-1)!.why).toContain('another build');
    bench.evidence.count('pricing/quote', 100);
    await bench.pass(10 * MINUTES);
    expect(await place()).toBe('running 2');
    bench.evidence.say('pricing/quote', pass);
    await bench.pass(1_000);
    expect(await place()).toBe('running 3');
  });

  it('while it is paused begins the step again, too: what the old one did counts no more', async () => {
    await bringTo('canary 25');
    bench.evidence.count('pricing/quote', calls + 90);
    await bench.pass(9 * MINUTES);
    await bench.rollouts.pause(QUOTE, OPERATOR);
    await bench.pass(MINUTES);
    await reload('w2');
    const { state, progress, history } = await bench.rollouts.get(QUOTE);
    expect([state.state, progress.elapsedMs, progress.calls]).toEqual(['paused', 0, 0]);
    expect(history.at(-1)!.why).toContain('another build');
    await bench.pass(MINUTES);
    const resumed = await bench.rollouts.resume(QUOTE, OPERATOR);
    expect([placeOf(resumed), resumed.progress.elapsedMs, resumed.progress.calls]).toEqual(['running 2', 0, 0]);
  });

  it('is noticed over a restart, too', async () => {
    await bringTo('canary 25');
    await bench.pass(9 * MINUTES);
    bench.found = find(pricing('w2'));
    await bench.restart();
    expect((await bench.rollouts.get(QUOTE)).progress.elapsedMs).toBe(0);
  });

  it('after completion is no failure', async () => {
    await bringTo('completed');
    await reload('w2');
    await bench.pass(60 * MINUTES);
    expect([await place(), bench.control.trips()]).toEqual(['completed', []]);
  });

  it('that is gone is waited for; the rollout of a plugin that never comes back is forgotten by the next plan', async () => {
    await bringTo('canary 25');
    const vowels = plugin('vowels');
    bench.found = find(vowels);
    await bench.control.reload(OPERATOR);
    await bench.pass(60 * MINUTES);
    expect(await place()).toBe('running 2');
    await expect(bench.rollouts.promote(QUOTE, OPERATOR)).rejects.toMatchObject({
      rejection: { code: 'unknown-plugin' },
    });
    bench.found = find(pricing(), vowels);
    await bench.control.reload(OPERATOR);
    expect(await place()).toBe('running 2');
    bench.found = find(vowels);
    await bench.control.reload(OPERATOR);
    await bench.rollouts.plan({ plugin: 'vowels', function: null, plan, precondition: '*', author: OPERATOR });
    expect((await bench.rollouts.all()).map((each) => each.plugin)).toEqual(['vowels']);
  });
});
