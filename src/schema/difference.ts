import { z } from 'zod';

/** Where the outputs of a call differ, as it is answered and as it is kept. */
export const difference = z.object({
  pointer: z.string(),
  kind: z.enum(['value', 'type', 'missing', 'extra', 'order', 'length']),
  legacy: z.string().nullable(),
  wasm: z.string().nullable(),
});
