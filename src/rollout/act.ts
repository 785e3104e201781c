import type { Author, Control, Precondition } from '../domain/control.js';
import { Rejected } from '../domain/control.js';
import type { LiveFunction } from '../domain/generation.js';
import type { RolloutPlan, RolloutTarget } from '../domain/rollout.js';
import type { FailedGate } from './judge.js';
import { gateFigures } from './judge.js';

/** What a rollout does to the gateway: the same as an operator could, by the same control. */
export type ActingControl = Pick<Control, 'current' | 'flip' | 'trip' | 'endTrips' | 'history'>;

/** Puts the stage of a step in force; answers the route's new revision, and what an operator should know. */
export async function flipTo(
  control: ActingControl,
  { target, plan, step, precondition, author }: FlipToStep,
): Promise<{ readonly revision: number; readonly warnings: readonly string[] }> {
  const stage = plan.steps[step]?.stage ?? null;
  const edit = { plugin: target.plugin, function: target.function, stage, cascade: false };
  const { revision, routes, warnings } = await control.flip({
    edits: [edit],
    scope: 'route',
    precondition,
    dryRun: false,
    author,
  });
  return { revision: routes[0]?.revision ?? revision, warnings };
}

interface FlipToStep {
  readonly target: RolloutTarget;
  readonly plan: RolloutPlan;
  readonly step: number;
  readonly precondition: Precondition;
  readonly author: Author;
}

/**
 * Trips functions until an operator resumes. Callers are safe once this settles, even if it rejects with
 * `store-unavailable`: then a restart would forget it.
 */
export async function takeBack(
  control: ActingControl,
  functions: readonly LiveFunction[],
  why: (live: LiveFunction) => TripReason,
  at: string,
): Promise<void> {
  const outcomes = await Promise.allSettled(
    // Where legacy is gone there is nothing to take callers back to.
    functions
      .filter(({ legacy }) => legacy !== null)
      .map((live) =>
        control.trip({
          plugin: live.plugin,
          function: live.spec.name,
          trip: {
            since: at,
            ...why(live),
            stage: live.route.tripped?.stage ?? live.route.effective.stage,
            mirror: live.spec.trip.mirror,
            probeAt: null,
            halfOpen: false,
          },
        }),
      ),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

interface TripReason {
  readonly cause: 'gate' | 'abort';
  readonly detail: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** Whether wasm answers callers, as far as the route and its trips say. */
export function isOnWasm({ route: { tripped, effective } }: LiveFunction): boolean {
  return tripped === null && (effective.stage === 'canary' || effective.stage === 'wasm');
}

/** Why legacy cannot answer the callers that would be taken back to it now; null: it can, or there are none. */
export function cannotTakeBack(functions: readonly LiveFunction[]): string | null {
  for (const live of functions) {
    const state = live.legacy?.state().state ?? 'ready';
    if (state !== 'ready' && isOnWasm(live)) return `the legacy backend of ${live.plugin} is ${state}`;
  }
  return null;
}

/** Trips the functions whose gates say no, each for its first one. */
export function takeBackFailed(control: ActingControl, failed: readonly FailedGate[], at: string): Promise<void> {
  const first = new Map<LiveFunction, FailedGate>();
  for (const each of failed) if (!first.has(each.live)) first.set(each.live, each);
  return takeBack(
    control,
    [...first.keys()],
    (live) => {
      const gate = first.get(live)?.gate;
      return {
        cause: 'gate',
        detail: gate === undefined ? '' : `${gate.gate}: ${gate.detail}`,
        figures: gate === undefined ? {} : gateFigures(gate),
      };
    },
    at,
  );
}

/** Ends the trips of functions; one whose trip has ended already is none the worse. */
export async function giveBack(
  control: ActingControl,
  functions: readonly LiveFunction[],
  author: Author,
): Promise<void> {
  for (const { plugin, spec, route } of functions) {
    if (route.tripped === null) continue;
    try {
      await control.endTrips({ plugin, function: spec.name }, author);
    } catch (error) {
      if (!(error instanceof Rejected) || error.rejection.code !== 'not-found') throw error;
    }
  }
}
