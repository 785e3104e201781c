import type { Verdict } from '../domain/evidence.js';
import type { RolloutPlan, RolloutState, UntrippedState } from '../domain/rollout.js';
import { sameStage, type Stage } from '../domain/stage.js';
import { stepFrom } from './steps.js';

/** What happens to a rollout. Times are ISO 8601. */
export type RolloutEvent =
  /** Gates, time and calls were looked at; `met`: nothing is missing. */
  | {
      readonly type: 'judged';
      readonly at: string;
      readonly verdict: Verdict;
      readonly met: boolean;
      readonly overdue: boolean;
      readonly why: string;
    }
  /** Something that goes by the route is tripped. */
  | { readonly type: 'tripped'; readonly at: string; readonly cause: string; readonly why: string }
  /** Nothing is any more. */
  | { readonly type: 'untripped'; readonly at: string }
  /** Somebody else changed the route. */
  | { readonly type: 'foreign'; readonly at: string; readonly by: string; readonly why: string }
  /** What runs is another build than before: what was seen of that one says nothing of this one. */
  | { readonly type: 'rebuilt'; readonly at: string }
  | { readonly type: 'pause'; readonly at: string; readonly by: string; readonly why: string }
  | { readonly type: 'resume'; readonly at: string; readonly by: string; readonly inForce: Stage | null }
  | { readonly type: 'promote'; readonly at: string; readonly by: string; readonly why: string }
  | { readonly type: 'abort'; readonly at: string; readonly by: string; readonly why: string }
  | { readonly type: 'remove'; readonly at: string; readonly by: string; readonly why: string };

/** What has to be done for a state to be true. */
export type Effect =
  | { readonly type: 'flip'; readonly step: number }
  | { readonly type: 'trip'; readonly cause: 'gate' | 'abort' }
  | { readonly type: 'end-trips' }
  /** Time and calls in the step count from now on. */
  | { readonly type: 'begin-anew' }
  | { readonly type: 'forget' };

export type Transition =
  | { readonly state: RolloutState; readonly effects: readonly Effect[]; readonly why: string }
  | { readonly refusal: string };

export type Verb = 'pause' | 'resume' | 'promote' | 'abort' | 'remove';

const FITTING: Readonly<Record<Verb, readonly RolloutState['state'][]>> = {
  pause: ['running', 'awaiting', 'tripped'],
  resume: ['paused', 'tripped', 'aborted'],
  promote: ['running', 'awaiting'],
  abort: ['running', 'awaiting', 'paused', 'tripped', 'completed'],
  remove: ['paused', 'tripped', 'completed', 'aborted'],
};

/** The one place where a rollout's state changes. An event that changes nothing answers the state that it got, and no effect. */
export function transition(state: RolloutState, event: RolloutEvent, plan: RolloutPlan): Transition {
  switch (event.type) {
    case 'judged':
      return judged(state, event, plan);
    case 'tripped':
      return isUntripped(state)
        ? to({ ...takenBack(state, event.at, plan), cause: event.cause, why: event.why }, event.why)
        : same(state);
    case 'untripped':
      return untripped(state, event.at);
    case 'foreign':
      return foreign(state, event);
    case 'rebuilt':
      return rebuilt(state, event.at);
    default: {
      const refusal = refusalOf(state, event.type);
      return refusal === null ? asked(state, event, plan) : { refusal };
    }
  }
}

const EITHER = new Intl.ListFormat('en-GB', { type: 'disjunction' });

function refusalOf(state: RolloutState, verb: Verb): string | null {
  const fitting = FITTING[verb];
  if (verb === 'remove' && isUnderWay(state)) {
    return `it is ${state.state}, and would move on by itself: pause or abort it first`;
  }
  return fitting.includes(state.state)
    ? null
    : `it is ${state.state}; ${verb} is for one that is ${EITHER.format(fitting)}`;
}

function judged(state: RolloutState, event: RolloutEvent & { type: 'judged' }, plan: RolloutPlan): Transition {
  const { at, why } = event;
  if (event.verdict === 'fail' && state.state !== 'removed') {
    const next = isUntripped(state) ? ({ ...takenBack(state, at, plan), cause: 'gate', why } as const) : state;
    return to(next, why, [{ type: 'trip', cause: 'gate' }]);
  }
  if (!isUntripped(state)) return same(state);
  switch (state.state) {
    case 'running': {
      const { step } = state;
      if (event.met && plan.steps[step]?.manual === true) {
        return to({ state: 'awaiting', step, since: at, stalled: event.overdue }, why);
      }
      if (event.met) return onwards(step, at, plan, why);
      return late(state, event);
    }
    case 'awaiting':
      if (event.met) return late(state, event);
      // What was met when it came here may be so no more.
      return to({ state: 'running', step: state.step, since: at, stalled: event.overdue }, why);
    case 'paused':
    case 'completed':
      return same(state);
    default:
      return state satisfies never;
  }
}

/** Nothing happens but that its deadline has passed, or has not any more. */
function late(
  state: RolloutState & { state: 'running' | 'awaiting' },
  { overdue, why }: RolloutEvent & { type: 'judged' },
): Transition {
  if (overdue === state.stalled) return same(state);
  return to({ ...state, stalled: overdue }, overdue ? `its deadline has passed: ${why}` : why);
}

function untripped(state: RolloutState, at: string): Transition {
  if (state.state === 'aborted') {
    const why = 'its trips were ended while it was aborted';
    return to({ state: 'paused', step: state.step, since: at, by: 'rollout', why }, why);
  }
  if (state.state !== 'tripped') return same(state);
  return to(goingOn(state.before, at), 'nothing is tripped any more');
}

function foreign(state: RolloutState, event: RolloutEvent & { type: 'foreign' }): Transition {
  const { at, by, why } = event;
  if (state.state === 'running' || state.state === 'awaiting') {
    return to({ state: 'paused', step: state.step, since: at, by, why }, why);
  }
  if (state.state !== 'tripped' || state.before.state === 'completed' || state.before.state === 'paused') {
    return same(state);
  }
  return to({ ...state, before: { state: 'paused', step: state.step, since: at, by, why } }, why);
}

function rebuilt(state: RolloutState, at: string): Transition {
  if (state.state === 'removed') return same(state);
  const why = 'another build is in force: the step begins again with it';
  const next: RolloutState =
    state.state === 'running' || state.state === 'awaiting'
      ? { state: 'running', step: state.step, since: at, stalled: false }
      : state;
  return to(next, why, [{ type: 'begin-anew' }]);
}

function asked(state: RolloutState, event: RolloutEvent & { type: Verb }, plan: RolloutPlan): Transition {
  const { at, by } = event;
  const step = stepOf(state, plan);
  switch (event.type) {
    case 'pause': {
      const paused = { state: 'paused', step, since: at, by, why: event.why } as const;
      return to(state.state === 'tripped' ? { ...state, before: paused } : paused, event.why);
    }
    case 'resume':
      return resumed(state, event, plan);
    case 'promote':
      return onwards(step, at, plan, event.why);
    case 'abort':
      return to({ state: 'aborted', step, since: at, by }, event.why, [{ type: 'trip', cause: 'abort' }]);
    case 'remove':
      return to({ state: 'removed', step, since: at, by, why: event.why }, event.why, [{ type: 'forget' }]);
    default:
      return event satisfies never;
  }
}

function resumed(state: RolloutState, event: RolloutEvent & { type: 'resume' }, plan: RolloutPlan): Transition {
  const { at, by, inForce } = event;
  const why = `resumed by ${by}`;
  const ending: readonly Effect[] = state.state === 'paused' ? [] : [{ type: 'end-trips' }];
  if (state.state === 'tripped' && state.before.state === 'completed') return to(state.before, why, ending);
  if (inForce === null) return { refusal: 'the gateway has no such plugin or function at present' };
  const step = stepFrom(plan, inForce, stepOf(state, plan));
  const wanted = step === null ? undefined : plan.steps[step]?.stage;
  if (step === null || wanted === undefined) {
    return { refusal: 'what is in force is further than every step: set the route back, or give it another plan' };
  }
  const flip: readonly Effect[] = sameStage(wanted, inForce) ? [] : [{ type: 'flip', step }];
  return to({ state: 'running', step, since: at, stalled: false }, why, [...ending, ...flip]);
}

/** The next step, or the end. */
function onwards(step: number, at: string, plan: RolloutPlan, why: string): Transition {
  const next = step + 1;
  if (next >= plan.steps.length) return to({ state: 'completed', since: at }, why);
  return to({ state: 'running', step: next, since: at, stalled: false }, why, [{ type: 'flip', step: next }]);
}

function takenBack(state: UntrippedState, at: string, plan: RolloutPlan) {
  return { state: 'tripped', step: stepOf(state, plan), since: at, before: state } as const;
}

function goingOn(before: UntrippedState, at: string): UntrippedState {
  return before.state === 'running' || before.state === 'awaiting'
    ? { state: 'running', step: before.step, since: at, stalled: false }
    : before;
}

export function isUntripped(state: RolloutState): state is UntrippedState {
  return state.state !== 'tripped' && state.state !== 'aborted' && state.state !== 'removed';
}

/** Whether it moves on by itself, at once or when nothing is tripped any more. */
export function isUnderWay(state: RolloutState): boolean {
  const { state: name } = state.state === 'tripped' ? state.before : state;
  return name === 'running' || name === 'awaiting';
}

/** The present step; once all are done, the last. */
export function stepOf(state: RolloutState, plan: RolloutPlan): number {
  return state.state === 'completed' ? plan.steps.length - 1 : state.step;
}

function to(state: RolloutState, why: string, effects: readonly Effect[] = []): Transition {
  return { state, effects, why };
}

function same(state: RolloutState): Transition {
  return { state, effects: [], why: '' };
}
