import { z } from 'zod';
import { name } from './name.js';

const count = z.number().min(0);
const counters = (length: number) => z.array(count).length(length);

/** Histogram buckets that are not empty, each with its count. */
const durations = z.array(z.tuple([z.int().min(0).max(1_919), count])).nullable();
const ofBackend = z.strictObject({
  execution: durations,
  queue: durations,
  /** Those that gates read; not there in what was written before they were told apart. */
  alongside: durations.default(null),
});

/** Legacy's calls and failures, wasm's; behind them there once were legacy's from before wasm ran, which do not count. */
const trials = z.union([
  counters(4),
  z
    .tuple([count, count, count, count, count, count])
    .transform(([legacy, failed, wasm, wasmFailed, before, failedBefore]) => [
      legacy - before,
      failed - failedBefore,
      wasm,
      wasmFailed,
    ]),
]);

const group = z.strictObject({
  place: z.string(),
  kind: z.enum(['value', 'type', 'missing', 'extra', 'order', 'length']),
  count,
});

/** What is kept on disk about one function with one pair of artefacts under one rule. */
export const evidenceDocument = z.strictObject({
  format: z.literal('banyan/evidence'),
  version: z.literal(1),
  plugin: name,
  function: name,
  digests: z.strictObject({ legacy: z.string().nullable(), wasm: z.string().nullable(), compare: z.string() }),
  /** Milliseconds since the epoch: when it began, changed last, and legacy answered a caller last (0: never). */
  times: z.array(count.max(8.64e15)).length(3),
  calls: z.array(
    z.strictObject({
      backend: z.enum(['legacy', 'wasm']),
      role: z.enum(['primary', 'shadow', 'fallback']),
      outcome: z.string(),
      count,
    }),
  ),
  trials,
  comparisons: counters(5),
  /** By reason; not there in what was written before drops were kept. */
  dropped: z.record(z.string(), count).default({}),
  judged: counters(4),
  durations: z.strictObject({ legacy: ofBackend, wasm: ofBackend }),
  mismatches: z
    .strictObject({
      groups: z.array(group),
      omitted: count,
      signatures: z.array(z.strictObject({ places: z.array(z.string()), count })),
      settled: z.strictObject({ excused: count, unjudged: count }),
      noise: z.array(group),
      runs: count,
      differing: count,
    })
    .nullable(),
});

export type EvidenceDocument = z.infer<typeof evidenceDocument>;
