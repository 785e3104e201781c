import { z } from 'zod';
import { backendView, routeChange } from './api.js';

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
