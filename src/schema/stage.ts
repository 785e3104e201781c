import { z } from 'zod';
import type { Stage } from '../domain/stage.js';

/** A percentage from 0 to 100 in steps of 0.01, checked without binary rounding: 0.07 is one, 0.075 is not. */
export const percentage = z
  .number()
  .min(0)
  .max(100)
  .refine((value) => /^\d+(\.\d{1,2})?$/.test(String(value)), 'expected a percentage in steps of 0.01');

const stageShape = z.discriminatedUnion('stage', [
  z.strictObject({ stage: z.literal('legacy') }),
  z.strictObject({ stage: z.literal('shadow'), sample: percentage.default(100) }),
  z.strictObject({
    stage: z.literal('canary'),
    percent: percentage,
    sample: percentage.default(0),
    allow: z.array(z.string().min(1).max(512)).max(10_000).default([]),
    fallback: z.boolean().default(false),
  }),
  z.strictObject({ stage: z.literal('wasm'), sample: percentage.default(0), fallback: z.boolean().default(false) }),
  z.strictObject({ stage: z.literal('retired') }),
]);

export const stage: z.ZodType<Stage> = stageShape;
