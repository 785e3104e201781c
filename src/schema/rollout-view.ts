import { z } from 'zod';
import { gateVerdict } from './gate-verdict.js';
import { keptPlan } from './rollout-plan.js';
import { rolloutMove, rolloutState } from './rollout-state.js';
import { stage } from './stage.js';

/** A rollout as it is answered; its plan stands in it as it can be sent back. */
export const rolloutView = z.object({
  plugin: z.string(),
  function: z.string().nullable(),
  /** That of its route when the rollout last set it, or took it as it was. */
  revision: z.int(),
  /** What somebody else has made of the route since; null: nothing. */
  changed: z.object({ revision: z.int(), stage, own: z.boolean() }).nullable(),
  plan: keptPlan,
  state: rolloutState,
  progress: z.object({
    elapsedMs: z.number(),
    calls: z.number(),
    comparisons: z.number(),
    /** What keeps it from moving on, a sentence each. */
    missing: z.array(z.string()),
  }),
  functions: z.array(
    z.object({
      function: z.string(),
      /** False: its effects are unsafe, so that its calls are not run twice. */
      comparable: z.boolean(),
      verdicts: z.array(gateVerdict),
    }),
  ),
  /** Oldest first. */
  history: z.array(rolloutMove),
  trouble: z.string().nullable(),
});

export const rolloutsView = z.object({ rollouts: z.array(rolloutView) });

/** Answer to a plan, and to what an operator says of one. */
export const steeredView = rolloutView.extend({ warnings: z.array(z.string()) });

export type RolloutView = z.input<typeof rolloutView>;
export type RolloutRead = z.output<typeof rolloutView>;
