import { z } from 'zod';
import { name } from './name.js';
import { stage } from './stage.js';

/** The document that a store keeps for each revision, as it is on disk. */
export const stateDocument = z.strictObject({
  format: z.literal('banyan/state'),
  version: z.literal(1),
  revision: z.int().min(1),
  at: z.iso.datetime(),
  by: z.string(),
  comment: z.string().nullable(),
  routes: z.array(
    z.strictObject({ plugin: name, function: name.nullable(), stage: stage.nullable(), revision: z.int().min(1) }),
  ),
});
