import { z } from 'zod';
import { difference } from './difference.js';

const cut = z.int().nullable();

export const keptBody = z.union([z.object({ text: z.string(), cut }), z.object({ base64: z.base64(), cut })]);

export const keptEnd = z.union([z.object({ output: keptBody }), z.object({ code: z.string(), detail: z.string() })]);

/** A sample as it is kept and answered. */
export const mismatchSample = z.object({
  at: z.iso.datetime(),
  requestId: z.string(),
  result: z.enum(['mismatch', 'legacy-failed', 'wasm-failed']),
  primary: z.enum(['legacy', 'wasm']),
  headers: z.record(z.string(), z.string()),
  input: keptBody,
  legacy: keptEnd,
  wasm: keptEnd,
  differences: z.array(difference),
  omitted: z.int().min(0),
  redacted: z.boolean(),
  digests: z.object({ legacy: z.string().nullable(), wasm: z.string().nullable(), rule: z.string() }),
});

export const mismatchCount = z.object({
  signature: z.string(),
  count: z.int().min(0),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
});

/** The file of the counts of one function. */
export const mismatchCounts = z.object({
  format: z.literal('banyan/mismatch-counts'),
  version: z.literal(1),
  counts: z.array(mismatchCount),
  others: z.int().min(0),
});

/** Answer to `GET /api/v1/mismatches/{plugin}/{function}`: samples newest first, and how often there were such. */
export const mismatchesView = z.object({
  plugin: z.string(),
  function: z.string(),
  samples: z.array(mismatchSample),
  counts: z.array(mismatchCount),
  others: z.int().min(0),
});

export type MismatchesView = z.infer<typeof mismatchesView>;
