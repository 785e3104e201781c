import { z } from 'zod';
import { backendView, routeChange } from './api.js';
import { difference } from './difference.js';
import { rolloutState } from './rollout-state.js';
import { tripView } from './trips.js';

const common = { id: z.int(), at: z.string() };
const names = z.array(z.string());

/** The data of a server-sent event; its type and its number stand in it, too. */
export const eventView = z.discriminatedUnion('type', [
  z.object({
    ...common,
    type: z.literal('route'),
    revision: z.int(),
    by: z.string(),
    comment: z.string().nullable(),
    changes: z.array(routeChange),
    /** Changes that are left out here; the history has them. */
    omitted: z.int(),
  }),
  backendView.extend({
    ...common,
    type: z.literal('backend'),
    plugin: z.string(),
    backend: z.enum(['legacy', 'wasm']),
  }),
  tripView.extend({
    ...common,
    type: z.literal('trip'),
    /** Who or what ended it; null when it has begun. */
    ended: z.string().nullable(),
  }),
  z.object({
    ...common,
    type: z.literal('mismatch'),
    plugin: z.string(),
    function: z.string(),
    differences: z.array(difference),
    /** Mismatches so far, with these artefacts and this rule. */
    total: z.int(),
  }),
  z.object({
    ...common,
    type: z.literal('rollout'),
    plugin: z.string(),
    function: z.string().nullable(),
    steps: z.int(),
    state: rolloutState,
    /** Why it cannot act at present; null: it can. */
    trouble: z.string().nullable(),
  }),
  z.object({
    ...common,
    type: z.literal('plugin'),
    by: z.string(),
    comment: z.string().nullable(),
    added: names,
    changed: names,
    removed: names,
  }),
]);

export type EventView = z.infer<typeof eventView>;
