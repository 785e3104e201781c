import { keptPlan, rolloutPlan, writtenPlan } from '#src/schema/rollout-plan.js';
import { writtenSpan } from '#src/schema/units.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const STEPS = [{ stage: { stage: 'wasm' } }];
const read = (plan: unknown) => rolloutPlan.parse(plan);
const mistakesIn = (plan: unknown): string[] =>
  rolloutPlan.safeParse(plan).error?.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`) ?? [];

describe('a plan as it is written', () => {
  it('is read with its units, each step with what it says or what the plan says', () => {
    const plan = read({
      gates: {
        mismatches: { limit: 0.1 },
        failures: { margin: 0.1 },
        latency: { quantile: 0.99, ratio: 1.5 },
        alpha: 5,
      },
      atLeast: '10m',
      calls: 1000,
      steps: [
        { stage: { stage: 'shadow', sample: 100 } },
        {
          stage: { stage: 'canary', percent: 5, sample: 10, fallback: true },
          atLeast: '30m',
          calls: 0,
          deadline: '6h',
          manual: true,
          gates: { mismatches: { limit: 1 } },
        },
        { stage: { stage: 'wasm', fallback: true }, atLeast: '7d' },
      ],
    });
    expect(plan.steps).toEqual([
      {
        stage: { stage: 'shadow', sample: 100 },
        gates: null,
        atLeastMs: 600_000,
        calls: 1000,
        deadlineMs: null,
        manual: false,
      },
      {
        stage: { stage: 'canary', percent: 5, sample: 10, allow: [], fallback: true },
        gates: { mismatches: { limit: 1 }, failures: null, latency: null, alpha: 5 },
        atLeastMs: 1_800_000,
        calls: 0,
        deadlineMs: 21_600_000,
        manual: true,
      },
      {
        stage: { stage: 'wasm', sample: 0, fallback: true },
        gates: null,
        atLeastMs: 604_800_000,
        calls: 1000,
        deadlineMs: null,
        manual: false,
      },
    ]);
  });

  it('that says nothing of gates, time and calls asks for all of them', () => {
    const { gates, steps } = read({ steps: STEPS });
    expect(gates).toEqual({
      mismatches: { limit: 0.1 },
      failures: { margin: 0.1 },
      latency: { quantile: 0.99, ratio: 1.5 },
      alpha: 5,
    });
    expect(steps[0]).toMatchObject({ atLeastMs: 600_000, calls: 1000 });
  });

  it('asks no gate that is null or left out', () => {
    const none = { mismatches: null, failures: null, latency: null, alpha: 5 };
    expect(read({ gates: {}, steps: STEPS }).gates).toEqual(none);
    expect(read({ gates: { mismatches: null }, steps: STEPS }).gates).toEqual(none);
  });

  it.each<[string, unknown, string]>([
    ['no steps', { steps: [] }, '/steps: expected at least one step'],
    [
      'a stage that is set by hand',
      { steps: [{ stage: { stage: 'retired' } }] },
      '/steps/0/stage: expected shadow, canary',
    ],
    [
      'a step back',
      { steps: [...STEPS, { stage: { stage: 'canary', percent: 5 } }] },
      '/steps/1/stage: expected no fewer callers on wasm than in the step before, which has 100 %',
    ],
    [
      'a key of allow that goes back to legacy',
      { steps: [{ stage: { stage: 'canary', percent: 0, allow: ['tenant-a'] } }, { stage: { stage: 'shadow' } }] },
      '/steps/1/stage: expected to keep with wasm whom the step before allows: tenant-a',
    ],
    [
      'a key of allow that is drawn by percentage again',
      {
        steps: [
          { stage: { stage: 'canary', percent: 5, allow: ['tenant-a', 'tenant-b'] } },
          { stage: { stage: 'canary', percent: 10, allow: ['tenant-b'] } },
        ],
      },
      '/steps/1/stage/allow: expected to keep with wasm whom the step before allows: tenant-a',
    ],
    [
      'a duration without unit',
      { steps: STEPS, atLeast: 10 },
      '/atLeast: expected a duration such as 30s, 10m, 6h or 7d',
    ],
    ['a duration of years', { steps: [{ ...STEPS[0], deadline: '366d' }] }, '/steps/0/deadline: expected at most 365d'],
    ['half a call', { steps: STEPS, calls: 0.5 }, '/calls: '],
    ['a gate that is no gate', { steps: STEPS, gates: { speed: 1 } }, '/gates: '],
    [
      'a quantile in percent',
      { steps: STEPS, gates: { latency: { quantile: 99, ratio: 1 } } },
      '/gates/latency/quantile: ',
    ],
    ['no chance of a mistake', { steps: STEPS, gates: { alpha: 0 } }, '/gates/alpha: '],
    ['more steps than anybody follows', { steps: Array(101).fill(STEPS[0]) }, '/steps: expected at most 100 steps'],
  ])('with %s is refused at its place', (_, plan, mistake) => {
    expect(mistakesIn(plan)).toEqual([expect.stringContaining(mistake)]);
  });

  it('may name no key any more once wasm answers all', () => {
    const canary = (percent: number, allow: readonly string[]) => ({ stage: { stage: 'canary', percent, allow } });
    const steps = [canary(5, ['a']), canary(10, ['b', 'a']), canary(100, []), ...STEPS];
    expect(mistakesIn({ steps })).toEqual([]);
  });

  it('that was taken by a version which asked for less is still read where it is kept', () => {
    const steps = [
      { stage: { stage: 'canary', percent: 5, allow: ['a'] } },
      { stage: { stage: 'canary', percent: 10 } },
    ];
    expect(keptPlan.parse({ steps }).steps).toHaveLength(2);
    expect(rolloutPlan.safeParse({ steps }).success).toBe(false);
  });

  it('is written again as it can be read again', () => {
    const percentage = fc.integer({ min: 0, max: 10_000 }).map((each) => each / 100);
    const span = fc.integer({ min: 1, max: 31_536_000_000 });
    const gates = fc.record({
      mismatches: fc.option(fc.record({ limit: percentage })),
      failures: fc.option(fc.record({ margin: percentage })),
      latency: fc.option(
        fc.record({ quantile: fc.constantFrom(0.5, 0.99), ratio: fc.double({ min: 0.1, max: 99, noNaN: true }) }),
      ),
      alpha: fc.constantFrom(0.1, 5, 50),
    });
    const step = fc.record({
      stage: fc.constantFrom(
        { stage: 'shadow', sample: 5 } as const,
        { stage: 'canary', percent: 0, sample: 0, allow: ['a'], fallback: true } as const,
      ),
      gates: fc.option(gates),
      atLeastMs: span,
      calls: fc.nat(1_000_000_000),
      deadlineMs: fc.option(span),
      manual: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.record({ gates, steps: fc.array(step, { minLength: 1, maxLength: 5 }) }), (given) => {
        // Mirrored steps come before those that answer.
        const steps = [...given.steps].sort((a, b) => b.stage.stage.localeCompare(a.stage.stage));
        const plan = { ...given, steps };
        expect(rolloutPlan.parse(JSON.parse(JSON.stringify(writtenPlan(plan))))).toEqual(plan);
      }),
    );
  });

  it.each([
    [1, '1ms'],
    [1_500, '1500ms'],
    [90_000, '90s'],
    [600_000, '10m'],
    [86_400_000, '1d'],
  ])('has %d milliseconds as %s', (ms, text) => {
    expect(writtenSpan(ms)).toBe(text);
  });
});
