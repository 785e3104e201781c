import type { RolloutState } from '#src/domain/rollout.js';
import type { RolloutRecord } from '#src/rollout/book.js';
import { moved, ranMs } from '#src/rollout/history.js';
import type { RolloutEvent } from '#src/rollout/transition.js';
import { transition } from '#src/rollout/transition.js';
import { describe, expect, it } from 'vitest';
import { canary, planOf, step, wasm } from './plans.js';

const MINUTE = 60_000;
const BEGAN = Date.parse('2026-11-22T10:00:00.000Z');
const plan = planOf(step(canary(5)), step(wasm));
const time = (minute: number): number => BEGAN + minute * MINUTE;

/** What happens, without the time at which it does. */
const EVENTS = {
  pause: { type: 'pause', by: 'ann', why: 'lunch' },
  resume: { type: 'resume', by: 'ann', inForce: canary(5) },
  'resume, set back': { type: 'resume', by: 'ann', inForce: canary(1) },
  flipped: { type: 'foreign', by: 'bob', why: 'revision 9' },
  trip: { type: 'tripped', cause: 'crashed', why: 'f: gone' },
  'no trip': { type: 'untripped' },
  abort: { type: 'abort', by: 'ann', why: 'stop' },
  build: { type: 'rebuilt' },
  met: { type: 'judged', verdict: 'pass', met: true, overdue: false, why: 'well' },
  unmet: { type: 'judged', verdict: 'inconclusive', met: false, overdue: false, why: 'few' },
  overdue: { type: 'judged', verdict: 'inconclusive', met: false, overdue: true, why: 'few' },
} as const;

type Happening = readonly [minute: number, event: keyof typeof EVENTS];

function after(happenings: readonly Happening[], given = plan): RolloutRecord {
  const began = new Date(BEGAN).toISOString();
  const state: RolloutState = { state: 'running', step: 0, since: began, stalled: false };
  let record: RolloutRecord = {
    plugin: 'p',
    function: 'f',
    plan: given,
    state,
    revision: 1,
    entered: began,
    calls: 7,
    seen: {},
    moving: null,
    history: [],
  };
  for (const [minute, name] of happenings) {
    const event: RolloutEvent = { ...EVENTS[name], at: new Date(time(minute)).toISOString() };
    const outcome = transition(record.state, event, given);
    if ('refusal' in outcome) throw new Error(`${name}: ${outcome.refusal}`);
    if (outcome.state !== record.state || outcome.effects.length > 0) record = moved(record, event, outcome, {});
  }
  return record;
}

describe('the clock of a step', () => {
  it.each<[string, readonly Happening[], number, number]>([
    ['goes while it runs', [], 5, 5],
    ['goes on when it is overdue', [[6, 'overdue']], 8, 8],
    ['stands while it is paused', [[4, 'pause']], 60, 4],
    ['stands while somebody else has set its route', [[4, 'flipped']], 60, 4],
    [
      'goes on from where it stood',
      [
        [4, 'pause'],
        [60, 'resume'],
      ],
      63,
      7,
    ],
    [
      'leaves out every pause',
      [
        [1, 'pause'],
        [11, 'resume'],
        [13, 'pause'],
        [90, 'resume'],
      ],
      94,
      7,
    ],
    [
      'begins again with another build while it is paused',
      [
        [4, 'pause'],
        [5, 'build'],
        [8, 'resume'],
      ],
      10,
      2,
    ],
    [
      'stands at nothing while it is paused with another build',
      [
        [4, 'pause'],
        [5, 'build'],
      ],
      60,
      0,
    ],
    [
      'begins again after a trip',
      [
        [4, 'trip'],
        [9, 'no trip'],
      ],
      12,
      3,
    ],
    [
      'stands at nothing when a trip ends in a pause',
      [
        [4, 'pause'],
        [6, 'trip'],
        [20, 'no trip'],
      ],
      50,
      0,
    ],
    [
      'begins, when a trip has ended in a pause, with resume',
      [
        [4, 'pause'],
        [6, 'trip'],
        [20, 'no trip'],
        [50, 'resume'],
      ],
      53,
      3,
    ],
    [
      'begins again when it is paused in a trip, and resumed',
      [
        [4, 'trip'],
        [6, 'pause'],
        [20, 'resume'],
      ],
      25,
      5,
    ],
    [
      'stands at nothing when the trips of an abort are ended',
      [
        [4, 'abort'],
        [9, 'no trip'],
      ],
      30,
      0,
    ],
    [
      'begins again when an abort is resumed',
      [
        [4, 'pause'],
        [5, 'abort'],
        [20, 'resume'],
      ],
      22,
      2,
    ],
    [
      'begins again where the step has to be put in force anew',
      [
        [4, 'flipped'],
        [20, 'resume, set back'],
      ],
      22,
      2,
    ],
    [
      'begins again with another build',
      [
        [4, 'pause'],
        [9, 'resume'],
        [11, 'build'],
      ],
      14,
      3,
    ],
    [
      'begins with the next step',
      [
        [4, 'pause'],
        [9, 'resume'],
        [20, 'met'],
      ],
      21,
      1,
    ],
  ])('%s', (_, happenings, minute, expected) => {
    expect(ranMs(after(happenings), time(minute)) / MINUTE).toBe(expected);
  });

  it('goes on while it waits for an operator', () => {
    const manual = planOf(step(canary(5), { manual: true }), step(wasm));
    expect(ranMs(after([[4, 'met']], manual), time(9))).toBe(9 * MINUTE);
    expect(
      ranMs(
        after(
          [
            [4, 'met'],
            [5, 'pause'],
            [30, 'resume'],
            [31, 'met'],
            [33, 'unmet'],
          ],
          manual,
        ),
        time(34),
      ),
    ).toBe(9 * MINUTE);
  });

  it('keeps the calls over a pause, those in it included', () => {
    expect(
      after([
        [4, 'pause'],
        [60, 'resume'],
      ]).calls,
    ).toBe(7);
  });

  it('is not put off by a clock that was set back in a pause', () => {
    const record = after([
      [4, 'pause'],
      [2, 'resume'],
    ]);
    expect(ranMs(record, time(3))).toBe(5 * MINUTE);
  });
});
