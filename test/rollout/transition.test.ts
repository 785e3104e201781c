import type { RolloutPlan, RolloutState, UntrippedState } from '#src/domain/rollout.js';
import type { Stage } from '#src/domain/stage.js';
import type { Effect, RolloutEvent } from '#src/rollout/transition.js';
import { transition } from '#src/rollout/transition.js';
import { describe, expect, it } from 'vitest';
import { canary, legacy, planOf, shadow, step, wasm } from './plans.js';

/** Step 0 mirrors, 1 waits for an operator, 2 moves on by itself, 3 is the last. */
const plan = planOf(step(shadow), step(canary(5), { manual: true }), step(canary(25)), step(wasm));

const THEN = '2026-11-22T10:00:00.000Z';
const at = '2026-11-22T11:00:00.000Z';

const running = (of: number, since = THEN, stalled = false): UntrippedState => ({
  state: 'running',
  step: of,
  since,
  stalled,
});
const awaiting = (of: number, since = THEN, stalled = false): UntrippedState => ({
  state: 'awaiting',
  step: of,
  since,
  stalled,
});
const paused = (of: number, since = THEN, by = 'ann', why = 'lunch'): UntrippedState => ({
  state: 'paused',
  step: of,
  since,
  by,
  why,
});
const completed = (since = THEN): UntrippedState => ({ state: 'completed', since });
const tripped = (before: UntrippedState, since = THEN, cause = 'trapped', why = 'f: boom'): RolloutState => ({
  state: 'tripped',
  step: before.state === 'completed' ? 3 : before.step,
  since,
  cause,
  why,
  before,
});
const aborted = (of: number, since = THEN, by = 'ann'): RolloutState => ({ state: 'aborted', step: of, since, by });
const removed = (of: number): RolloutState => ({ state: 'removed', step: of, since: at, by: 'bob', why: 'done with' });

const judged = (verdict: 'pass' | 'fail' | 'inconclusive', given: object = {}): RolloutEvent => ({
  type: 'judged',
  at,
  verdict,
  met: verdict === 'pass',
  overdue: false,
  why: 'because',
  ...given,
});

/** Every event, by a name. */
const EVENTS = {
  'all is met': judged('pass'),
  'all is met too late': judged('pass', { overdue: true }),
  'calls are missing': judged('pass', { met: false }),
  'gates are unclear': judged('inconclusive'),
  'the deadline passes': judged('inconclusive', { overdue: true }),
  'a gate fails': judged('fail'),
  'a trip': { type: 'tripped', at, cause: 'crashed', why: 'g: gone' },
  'no trip left': { type: 'untripped', at },
  "somebody's flip": { type: 'foreign', at, by: 'bob', why: 'revision 9' },
  'a new build': { type: 'rebuilt', at },
  pause: { type: 'pause', at, by: 'bob', why: 'wait' },
  'resume as it was': { type: 'resume', at, by: 'bob', inForce: canary(25) },
  'resume elsewhere': { type: 'resume', at, by: 'bob', inForce: canary(3) },
  'resume without route': { type: 'resume', at, by: 'bob', inForce: null },
  promote: { type: 'promote', at, by: 'bob', why: 'go' },
  abort: { type: 'abort', at, by: 'bob', why: 'stop' },
  remove: { type: 'remove', at, by: 'bob', why: 'done with' },
} as const satisfies Record<string, RolloutEvent>;

type EventName = keyof typeof EVENTS;

/** Every kind of state, in the step that has the stage canary 25 %. */
const STATES = {
  running: running(2),
  stalled: running(2, THEN, true),
  'last step': running(3),
  'manual step': running(1),
  awaiting: awaiting(2),
  'awaiting the end': awaiting(3),
  'awaiting for too long': awaiting(2, THEN, true),
  paused: paused(2),
  completed: completed(),
  tripped: tripped(running(2)),
  'tripped, was awaiting': tripped(awaiting(2)),
  'tripped, was paused': tripped(paused(2)),
  'tripped, was completed': tripped(completed()),
  aborted: aborted(2),
  removed: removed(2),
} as const satisfies Record<string, RolloutState>;

type StateName = keyof typeof STATES;

type Expected = 'same' | 'refused' | readonly [RolloutState, ...Effect[]];

const flip = (of: number): Effect => ({ type: 'flip', step: of });
const tripGate: Effect = { type: 'trip', cause: 'gate' };
const tripAbort: Effect = { type: 'trip', cause: 'abort' };
const endTrips: Effect = { type: 'end-trips' };
const forget: Effect = { type: 'forget' };
const anew: Effect = { type: 'begin-anew' };
/** It stays as it is, and something has to be done all the same. */
const held = (state: RolloutState): Partial<Record<EventName, Expected>> => ({
  'a gate fails': [state, tripGate],
  'a new build': [state, anew],
});
const removes = (of: number): Partial<Record<EventName, Expected>> => ({ remove: [removed(of), forget] });
const byGate = (before: UntrippedState): Expected => [tripped(before, at, 'gate', 'because'), tripGate];
const byTrip = (before: UntrippedState): Expected => [tripped(before, at, 'crashed', 'g: gone')];
const bobs = (of: number, why: string): UntrippedState => paused(of, at, 'bob', why);
const stays = (...events: EventName[]): Partial<Record<EventName, Expected>> =>
  Object.fromEntries(events.map((name) => [name, 'same']));
const refuses = (...events: EventName[]): Partial<Record<EventName, Expected>> =>
  Object.fromEntries(events.map((name) => [name, 'refused']));

const RESUMES = ['resume as it was', 'resume elsewhere', 'resume without route'] as const;
const LOOKS = [
  'all is met',
  'all is met too late',
  'calls are missing',
  'gates are unclear',
  'the deadline passes',
] as const;

const underWay = (of: number): Partial<Record<EventName, Expected>> => ({
  'a gate fails': byGate(running(of)),
  'a trip': byTrip(running(of)),
  "somebody's flip": [bobs(of, 'revision 9')],
  'a new build': [running(of, at), anew],
  pause: [bobs(of, 'wait')],
  abort: [aborted(of, at, 'bob'), tripAbort],
  ...stays('calls are missing', 'gates are unclear', 'no trip left'),
  'the deadline passes': [running(of, THEN, true)],
  ...refuses(...RESUMES, 'remove'),
});
const takenBack = (before: UntrippedState, back: UntrippedState): Partial<Record<EventName, Expected>> => ({
  ...stays(...LOOKS, 'a trip'),
  ...held(tripped(before)),
  'no trip left': [back],
  pause: [tripped(bobs(before.state === 'completed' ? 3 : before.step, 'wait'))],
  ...refuses('promote', 'resume without route'),
  'resume as it was': [running(2, at), endTrips],
  'resume elsewhere': [running(1, at), endTrips, flip(1)],
  abort: [aborted(before.state === 'completed' ? 3 : before.step, at, 'bob'), tripAbort],
});

const TABLE: Record<StateName, Record<EventName, Expected>> = {
  running: complete({
    ...underWay(2),
    'all is met': [running(3, at), flip(3)],
    'all is met too late': [running(3, at), flip(3)],
    promote: [running(3, at), flip(3)],
  }),
  stalled: complete({
    ...underWay(2),
    'all is met': [running(3, at), flip(3)],
    'all is met too late': [running(3, at), flip(3)],
    promote: [running(3, at), flip(3)],
    'a gate fails': byGate(running(2, THEN, true)),
    'a trip': byTrip(running(2, THEN, true)),
    'the deadline passes': 'same',
    'calls are missing': [running(2)],
    'gates are unclear': [running(2)],
  }),
  'last step': complete({
    ...underWay(3),
    'all is met': [completed(at)],
    'all is met too late': [completed(at)],
    promote: [completed(at)],
  }),
  'manual step': complete({
    ...underWay(1),
    'all is met': [awaiting(1, at)],
    'all is met too late': [awaiting(1, at, true)],
    promote: [running(2, at), flip(2)],
  }),
  awaiting: complete({
    ...underWay(2),
    'a gate fails': byGate(awaiting(2)),
    'a trip': byTrip(awaiting(2)),
    'all is met': 'same',
    'all is met too late': [awaiting(2, THEN, true)],
    'calls are missing': [running(2, at)],
    'gates are unclear': [running(2, at)],
    'the deadline passes': [running(2, at, true)],
    promote: [running(3, at), flip(3)],
  }),
  'awaiting for too long': complete({
    ...underWay(2),
    'a gate fails': byGate(awaiting(2, THEN, true)),
    'a trip': byTrip(awaiting(2, THEN, true)),
    'all is met': [awaiting(2)],
    'all is met too late': 'same',
    'calls are missing': [running(2, at)],
    'gates are unclear': [running(2, at)],
    'the deadline passes': [running(2, at, true)],
    promote: [running(3, at), flip(3)],
  }),
  'awaiting the end': complete({
    ...underWay(3),
    'a gate fails': byGate(awaiting(3)),
    'a trip': byTrip(awaiting(3)),
    'all is met': 'same',
    'all is met too late': [awaiting(3, THEN, true)],
    'calls are missing': [running(3, at)],
    'gates are unclear': [running(3, at)],
    'the deadline passes': [running(3, at, true)],
    promote: [completed(at)],
  }),
  paused: complete({
    ...stays(...LOOKS, 'no trip left', "somebody's flip"),
    ...removes(2),
    'a new build': [paused(2), anew],
    'a gate fails': byGate(paused(2)),
    'a trip': byTrip(paused(2)),
    ...refuses('pause', 'promote', 'resume without route'),
    'resume as it was': [running(2, at)],
    'resume elsewhere': [running(1, at), flip(1)],
    abort: [aborted(2, at, 'bob'), tripAbort],
  }),
  completed: complete({
    ...stays(...LOOKS, 'no trip left', "somebody's flip"),
    ...removes(3),
    'a new build': [completed(), anew],
    'a gate fails': byGate(completed()),
    'a trip': byTrip(completed()),
    ...refuses('pause', 'promote', ...RESUMES),
    abort: [aborted(3, at, 'bob'), tripAbort],
  }),
  tripped: complete({
    ...takenBack(running(2), running(2, at)),
    ...refuses('remove'),
    "somebody's flip": [tripped(bobs(2, 'revision 9'))],
  }),
  'tripped, was awaiting': complete({
    ...takenBack(awaiting(2), running(2, at)),
    ...refuses('remove'),
    "somebody's flip": [tripped(bobs(2, 'revision 9'))],
  }),
  'tripped, was paused': complete({
    ...takenBack(paused(2), paused(2)),
    ...stays("somebody's flip"),
    ...removes(2),
  }),
  'tripped, was completed': complete({
    ...takenBack(completed(), completed()),
    ...removes(3),
    ...stays("somebody's flip"),
    'resume as it was': [completed(), endTrips],
    'resume elsewhere': [completed(), endTrips],
    'resume without route': [completed(), endTrips],
  }),
  aborted: complete({
    ...stays(...LOOKS, 'a trip', "somebody's flip"),
    ...held(aborted(2)),
    'no trip left': [paused(2, at, 'rollout', 'its trips were ended while it was aborted')],
    ...removes(2),
    ...refuses('pause', 'promote', 'abort', 'resume without route'),
    'resume as it was': [running(2, at), endTrips],
    'resume elsewhere': [running(1, at), endTrips, flip(1)],
  }),
  removed: complete({
    ...stays(...LOOKS, 'a gate fails', 'a trip', 'no trip left', "somebody's flip", 'a new build'),
    ...refuses('pause', ...RESUMES, 'promote', 'abort', 'remove'),
  }),
};

/** Fails for a row that has forgotten an event. */
function complete(row: Partial<Record<EventName, Expected>>): Record<EventName, Expected> {
  const missing = Object.keys(EVENTS).filter((name) => !(name in row));
  if (missing.length > 0) throw new Error(`a row says nothing of: ${missing.join(', ')}`);
  return row as Record<EventName, Expected>;
}

const cells = Object.entries(TABLE).flatMap(([state, row]) =>
  Object.entries(row).map(([event, expected]) => [state as StateName, event as EventName, expected] as const),
);

describe('a rollout that is', () => {
  it.each(cells)('%s, and then: %s', (name, event, expected) => {
    const state = STATES[name];
    const outcome = transition(state, EVENTS[event], plan);
    if (expected === 'refused') expect(outcome).toEqual({ refusal: expect.any(String) as string });
    else if (expected === 'same') {
      expect(outcome).toEqual({ state, effects: [], why: '' });
      expect('state' in outcome && outcome.state).toBe(state);
    } else {
      const [next, ...effects] = expected;
      expect(outcome).toEqual({ state: next, effects, why: expect.stringMatching(/./) as string });
    }
  });
});

describe('what is refused', () => {
  it('says the state, and which states it would fit', () => {
    expect(transition(paused(2), EVENTS.promote, plan)).toEqual({
      refusal: 'it is paused; promote is for one that is running or awaiting',
    });
    expect(transition(running(0), EVENTS['resume as it was'], plan)).toEqual({
      refusal: 'it is running; resume is for one that is paused, tripped or aborted',
    });
  });

  it('says of one that would move on by itself how it is stopped first', () => {
    for (const state of [running(0), tripped(running(0))]) {
      expect(transition(state, EVENTS.remove, plan)).toEqual({
        refusal: `it is ${state.state}, and would move on by itself: pause or abort it first`,
      });
    }
  });
});

describe('resume after somebody changed the route', () => {
  const resume = (inForce: Stage, of: RolloutPlan = plan, present = 2) =>
    transition(paused(present), { type: 'resume', at, by: 'bob', inForce }, of);

  it.each([
    ['legacy', legacy, 0],
    ['canary 4 %', canary(4), 1],
    ['canary 5 %', canary(5), 1],
    ['canary 26 %', canary(26), 3],
    ['wasm', wasm, 3],
  ] as const)('to %s goes on in the first step that moves no caller back', (_, inForce, expected) => {
    expect(resume(inForce)).toMatchObject({ state: { step: expected } });
  });

  it('to where no step is that far is refused', () => {
    expect(resume(canary(50), planOf(step(canary(5))), 0)).toEqual({
      refusal: expect.stringContaining('further than every step') as string,
    });
    expect(resume({ stage: 'retired' })).toHaveProperty('refusal');
  });

  it('to the stage of the present step stays in it, though an earlier one has the same', () => {
    const twice = planOf(step(canary(5)), step(canary(5), { manual: true }), step(wasm));
    expect(resume(canary(5), twice, 1)).toMatchObject({ state: { step: 1 }, effects: [] });
  });
});
