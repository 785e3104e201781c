import { Rejected } from '../domain/control.js';
import type { Planning, RolloutEvidence, RolloutPlan } from '../domain/rollout.js';
import type { RouteInForce } from '../domain/route.js';
import { keysLeftOut, sameStage } from '../domain/stage.js';
import type { ActingControl } from './act.js';
import type { RolloutBook, RolloutRecord } from './book.js';
import { placeOf, remembered } from './history.js';
import { counted, followersOf, isGone, routeOf } from './progress.js';
import type { Run } from './run.js';
import { stepFrom } from './steps.js';
import { nameOf, stepWords } from './words.js';

interface PlannerOptions {
  readonly control: ActingControl;
  readonly evidence: RolloutEvidence;
  readonly book: RolloutBook;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Planner {
  /** Checks a plan against what there is, and begins it; see `Rollouts.plan`. */
  begin(planning: Planning): Promise<{ readonly record: RolloutRecord; readonly warnings: readonly string[] }>;
}

export function createPlanner(run: Run, { control, evidence, book, now }: PlannerOptions): Planner {
  /** Tries every step dry: what control would refuse later is refused now, at its place. Answers what it warns of. */
  async function tried({ plugin, function: functionName, plan, precondition, author }: Planning): Promise<string[]> {
    const warnings: string[] = [];
    const errors: { pointer: string; message: string }[] = [];
    for (const [index, { stage }] of plan.steps.entries()) {
      try {
        const dry = await control.flip({
          edits: [{ plugin, function: functionName, stage, cascade: false }],
          scope: 'route',
          precondition: index === 0 ? precondition : '*',
          dryRun: true,
          author,
        });
        warnings.push(...dry.warnings);
      } catch (error) {
        if (!(error instanceof Rejected) || error.rejection.code !== 'invalid') throw error;
        const found = error.rejection.errors;
        errors.push(...found.map((each) => ({ ...each, pointer: `/steps/${index}/stage${each.pointer}` })));
      }
    }
    const live = control.current().plugins.get(plugin);
    for (const side of ['legacy', 'wasm'] as const) {
      if (errors.length > 0 || live?.plugin.backends[side] !== null) continue;
      errors.push({ pointer: '/steps', message: `plugin ${plugin} has no ${side} backend: there is nothing to move` });
    }
    if (errors.length > 0) {
      const detail = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
      throw new Rejected({ code: 'invalid', detail, errors });
    }
    return warnings;
  }

  /** A rollout whose plugin or function is gone for good is not kept for ever. */
  function forgetGone(): void {
    for (const record of book.all()) if (isGone(control.current(), record)) book.remove(record);
  }

  return {
    async begin(planning) {
      const { plugin, function: functionName, plan, precondition, author } = planning;
      const warnings = await tried(planning);
      const target = { plugin, function: functionName };
      const route = routeOf(control.current(), target);
      const step = route === null ? null : stepFrom(plan, route.stage);
      if (route === null || step === null) throw tooFar(planning, route);

      const followers = followersOf(control.current(), target);
      warnings.push(...specialWarnings(planning, route, step));
      const incomparable = followers.filter(({ spec }) => spec.effects === 'unsafe').map(({ spec }) => spec.name);
      if (incomparable.length > 0) {
        warnings.push(`${incomparable.join(', ')} cannot be compared: effects: unsafe forbids to run a call twice`);
      }

      forgetGone();
      const before = book.of(target);
      const at = new Date(now()).toISOString();
      const state = { state: 'running', step, since: at, stalled: false } as const;
      const why = `planned by ${author.by}${author.comment === null ? '' : `: ${author.comment}`}`;
      const move = { at, from: null, to: placeOf(state), why, figures: {} };
      const fresh: RolloutRecord = {
        ...target,
        plan,
        state,
        revision: route.revision,
        entered: at,
        calls: 0,
        seen: {},
        moving: null,
        history: remembered(before?.history ?? [], move),
      };
      const { record } = counted(fresh, followers, evidence);
      if (isInForce(route, plan.steps[step]?.stage)) await run.adopt(record, before);
      else {
        const comment = author.comment ?? `rollout, ${stepWords(plan, step)}`;
        warnings.push(...(await run.flip(record, before, { precondition, author: { by: author.by, comment } })));
      }
      return { record: book.of(target) ?? record, warnings: [...new Set(warnings)] };
    },
  };
}

function isInForce(route: RouteInForce, stage: RouteInForce['stage'] | undefined): boolean {
  return route.own && stage !== undefined && sameStage(route.stage, stage);
}

function specialWarnings({ plan }: Planning, route: RouteInForce, step: number): readonly string[] {
  const stage = plan.steps[step]?.stage;
  const left = stage === undefined ? [] : keysLeftOut(route.stage, stage);
  return [
    ...(step === 0 ? [] : [`it begins with ${stepWords(plan, step)}: the steps before would move callers back`]),
    ...(left.length === 0
      ? []
      : [`${left.join(', ')} of the present route's allow are no longer answered by wasm for certain`]),
    ...uncomparedWarning(plan),
  ];
}

/** Steps that wait for comparisons which neither they nor those before them make. */
function uncomparedWarning(plan: RolloutPlan): readonly string[] {
  const compares = plan.steps.findIndex(({ stage }) => 'sample' in stage && stage.sample > 0);
  const before = compares === -1 ? plan.steps : plan.steps.slice(0, compares);
  const waiting = before.findIndex(({ gates }) => (gates ?? plan.gates).mismatches !== null);
  if (waiting === -1) return [];
  return [
    `${stepWords(plan, waiting)} asks for mismatches, but neither it nor a step before mirrors calls (\`sample\`): it waits for ever, unless these artefacts were compared before`,
  ];
}

function tooFar(planning: Planning, route: RouteInForce | null): Rejected {
  const detail =
    route === null
      ? `${nameOf(planning)} is not there any more`
      : `what is in force (${route.stage.stage}) is further than every step of this plan: set the route back first`;
  return new Rejected({ code: 'conflict', detail });
}
