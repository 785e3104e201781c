import { z } from 'zod';
import type { GateVerdict } from '../domain/evidence.js';

/** What a gate answers. Shares and their bounds are in percent; of latency they are ratios. */
export const gateVerdict = z.object({
  gate: z.enum(['mismatches', 'failures', 'latency']),
  verdict: z.enum(['pass', 'fail', 'inconclusive']),
  /** What was seen; null without data. */
  estimate: z.number().nullable(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  limit: z.number(),
  samples: z.int(),
  detail: z.string(),
}) satisfies z.ZodType<GateVerdict>;
