import { z } from 'zod';

const step = z.int().min(0);
const since = z.iso.datetime();

/** Where a rollout stands, as it is answered and as it is kept. */
export const rolloutState = z.discriminatedUnion('state', [
  z.object({ state: z.literal('running'), step, since, stalled: z.boolean() }),
  z.object({ state: z.literal('awaiting'), step, since }),
  z.object({ state: z.literal('paused'), step, since, by: z.string(), why: z.string() }),
  z.object({ state: z.literal('tripped'), step, since, cause: z.string(), why: z.string() }),
  z.object({ state: z.literal('completed'), since }),
  z.object({ state: z.literal('aborted'), step, since, by: z.string() }),
]);
