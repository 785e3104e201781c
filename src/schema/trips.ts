import { z } from 'zod';
import { STAGE_NAMES } from '../domain/stage.js';
import { name } from './name.js';

/** A trip as it is answered and as it is kept. */
export const trip = z.object({
  since: z.iso.datetime(),
  cause: z.string(),
  detail: z.string(),
  /** The stage that was in force. */
  stage: z.enum(STAGE_NAMES),
  /** What led to it. */
  figures: z.record(z.string(), z.number()),
  /** Percent of calls that are mirrored meanwhile. */
  mirror: z.number(),
  /** When wasm is tried again; null: it waits for an operator. */
  probeAt: z.iso.datetime().nullable(),
  halfOpen: z.boolean(),
});

/** A trip with the function that it holds back, as it is answered. */
export const tripView = trip.extend({ plugin: name, function: name });

export const tripsView = z.object({ trips: z.array(tripView) });

export type TripView = z.infer<typeof tripView>;

export type TripsView = z.infer<typeof tripsView>;

/** What a store keeps of trips. */
export const tripsDocument = z.strictObject({
  format: z.literal('banyan/trips'),
  version: z.literal(1),
  trips: z.array(z.object({ plugin: name, function: name, trip })),
});
