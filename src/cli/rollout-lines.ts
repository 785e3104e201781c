import { amount, figure } from '../domain/figure.js';
import { writtenSpan } from '../schema/units.js';
import type { RolloutRead } from '../schema/rollout-view.js';
import { tableLines } from './print.js';
import { changedText, rolloutText } from './rollout-text.js';
import { stageText } from './stage-text.js';
import { nameOf } from './target.js';
import { figureText } from './verdict-text.js';

/** So many of the latest moves are shown; --json has them all. */
const MOVES = 10;

/** A rollout in full, for a person. */
export function rolloutLines(rollout: RolloutRead): readonly string[] {
  const { plan, state, progress, functions, history, trouble } = rollout;
  const steps = plan.steps.length;
  const verdicts = functions.flatMap((of) => of.verdicts.map((verdict) => ({ ...verdict, function: of.function })));
  const changed = changedText(rollout);
  const incomparable = functions.filter((of) => !of.comparable).map((of) => of.function);
  return [
    `${nameOf(rollout)}: ${rolloutText(state, steps)} (since ${state.since}, route at revision ${rollout.revision})`,
    ...(changed === null ? [] : [changed]),
    ...(trouble === null ? [] : [`trouble: ${trouble}`]),
    '',
    ...stepLines(rollout),
    '',
    `${amount(progress.calls, 'call')} of wasm in this step, ${amount(progress.comparisons, 'comparison')} so far`,
    ...(incomparable.length === 0 ? [] : [`not comparable (effects: unsafe): ${incomparable.join(', ')}`]),
    ...progress.missing.map((each) => `  missing: ${each}`),
    ...(verdicts.length === 0 ? [] : ['', ...verdictLines(verdicts)]),
    '',
    ...history.slice(-MOVES).map(moveLine),
  ];
}

/** A change of a rollout's state: when, to what, and why. */
export function moveLine({ at, to, why }: RolloutRead['history'][number]): string {
  return `${at}  ${to.state}${to.step === null ? '' : ` in step ${to.step + 1}`}: ${why}`;
}

function stepLines({ plan, state }: RolloutRead): readonly string[] {
  const present = state.state === 'completed' ? plan.steps.length : state.step;
  return tableLines(
    ['STEP', 'STAGE', 'AT LEAST', 'CALLS', 'DEADLINE', 'THEN'],
    plan.steps.map(({ stage, atLeastMs, calls, deadlineMs, manual }, index) => [
      `${index < present ? '+' : index === present ? '>' : ' '} ${index + 1}`,
      stageText(stage),
      writtenSpan(atLeastMs),
      figure(calls),
      deadlineMs === null ? '-' : writtenSpan(deadlineMs),
      manual ? 'waits for promote' : 'moves on',
    ]),
  );
}

type VerdictRow = RolloutRead['functions'][number]['verdicts'][number] & { readonly function: string };

function verdictLines(verdicts: readonly VerdictRow[]): readonly string[] {
  return tableLines(
    ['FUNCTION', 'GATE', 'VERDICT', 'SEEN', 'BOUNDS', 'LIMIT', 'SAMPLES'],
    verdicts.map((each) => [
      each.function,
      each.gate,
      each.verdict,
      figureText(each.estimate),
      `${figureText(each.lower)} … ${figureText(each.upper)}`,
      figureText(each.limit),
      figure(each.samples),
    ]),
  );
}
