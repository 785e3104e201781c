import { z } from 'zod';
import { name } from './name.js';
import { keptPlan } from './rollout-plan.js';
import { rolloutMove, rolloutState } from './rollout-state.js';

const count = z.number().min(0);

/** The furthest step that a state speaks of. */
function place(state: z.infer<typeof rolloutState> | undefined): { readonly step: number } {
  if (state === undefined || state.state === 'completed') return { step: 0 };
  if (state.state !== 'tripped') return state;
  return { step: Math.max(state.step, place(state.before).step) };
}

/** What a store keeps of rollouts; plans stand in it as people write them. */
export const rolloutsDocument = z.strictObject({
  format: z.literal('banyan/rollouts'),
  version: z.literal(1),
  rollouts: z.array(
    z
      .strictObject({
        plugin: name,
        function: name.nullable(),
        plan: keptPlan,
        state: rolloutState,
        /** That of the route when the rollout last set it, or took it as it was. */
        revision: z.int().min(0),
        /** When the step would have begun, had it never been paused. */
        entered: z.iso.datetime(),
        /** Calls in the step. */
        calls: count,
        /** By function: the build that was last seen, and its calls until then. */
        seen: z.record(name, z.strictObject({ build: z.string(), calls: count })),
        /** A flip that may not have been made yet: the route's revision before it, and the state to go back to. */
        moving: z.strictObject({ basis: z.int().min(0), before: rolloutState }).nullable(),
        history: z.array(rolloutMove),
      })
      .check(({ value: { plan, state, moving }, issues }) => {
        for (const [path, { step }] of Object.entries({ state: place(state), moving: place(moving?.before) })) {
          if (step < plan.steps.length) continue;
          const message = `its plan has ${plan.steps.length} steps`;
          issues.push({ code: 'custom', input: step, path: [path], message });
        }
      }),
  ),
});
