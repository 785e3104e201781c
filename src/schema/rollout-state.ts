import { z } from 'zod';

const step = z.int().min(0);
const since = z.iso.datetime();

const running = z.object({ state: z.literal('running'), step, since, stalled: z.boolean() });
const awaiting = z.object({ state: z.literal('awaiting'), step, since, stalled: z.boolean().default(false) });
const paused = z.object({ state: z.literal('paused'), step, since, by: z.string(), why: z.string() });
const completed = z.object({ state: z.literal('completed'), since });

/** Where a rollout stands, as it is answered and as it is kept. */
export const rolloutState = z.discriminatedUnion('state', [
  running,
  awaiting,
  paused,
  completed,
  z.object({
    state: z.literal('tripped'),
    step,
    since,
    cause: z.string(),
    why: z.string(),
    /** What it goes on from once nothing is tripped any more. */
    before: z.discriminatedUnion('state', [running, awaiting, paused, completed]),
  }),
  z.object({ state: z.literal('aborted'), step, since, by: z.string() }),
  z.object({ state: z.literal('removed'), step, since, by: z.string(), why: z.string() }),
]);

const place = z.object({
  state: z.enum(['running', 'awaiting', 'paused', 'completed', 'tripped', 'aborted', 'removed']),
  /** Null once all are done. */
  step: step.nullable(),
});

/** A change of a rollout's state, as it is answered and as it is kept. */
export const rolloutMove = z.object({
  at: since,
  /** Null: it began. */
  from: place.nullable(),
  to: place,
  why: z.string(),
  figures: z.record(z.string(), z.number()),
});
