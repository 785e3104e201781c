import { z } from 'zod';
import type { Evidence, FunctionEvidence } from '../domain/evidence.js';
import { gateVerdict } from './gate-verdict.js';

const count = z.int().min(0);
const perRole = z.object({ primary: count, shadow: count, fallback: count });
const errors = z.record(z.string(), count);

const bounds = z.object({
  estimate: z.number().nullable(),
  lower: z.number(),
  upper: z.number(),
  samples: count,
});

/** Milliseconds. */
const quantiles = z
  .object({ samples: count, p50: z.number(), p90: z.number(), p99: z.number(), p999: z.number() })
  .nullable();

const latency = z.object({ execution: quantiles, queue: quantiles });

const group = z.object({
  place: z.string(),
  kind: z.enum(['value', 'type', 'missing', 'extra', 'order', 'length']),
  count,
});

const evidence = z.object({
  digests: z.object({ legacy: z.string().nullable(), wasm: z.string().nullable(), compare: z.string() }),
  since: z.iso.datetime().nullable(),
  updated: z.iso.datetime().nullable(),
  calls: z.object({ legacy: perRole, wasm: perRole }),
  /** Calls by what they ended with, but for `ok`. */
  errors: z.object({ legacy: errors, wasm: errors }),
  comparisons: z.object({
    match: count,
    mismatch: count,
    'legacy-failed': count,
    'wasm-failed': count,
    'both-failed': count,
  }),
  /** Sampled calls that were not compared, by reason. */
  dropped: z.record(z.string(), count),
  mismatches: z.object({
    held: count,
    noise: count,
    unjudged: count,
    groups: z.array(group.extend({ noise: z.boolean() })),
    omitted: count,
  }),
  noise: z.object({
    runs: count,
    differing: count,
    groups: z.array(group),
    ignore: z.array(z.string()),
    unordered: z.array(z.string()),
  }),
  /** Percent. */
  bounds: z.object({ mismatches: bounds, failures: z.object({ legacy: bounds, wasm: bounds }) }),
  latency: z.object({ legacy: latency, wasm: latency }),
  gates: z.array(gateVerdict),
}) satisfies z.ZodType<Evidence>;

/** Answer to `GET /api/v1/evidence/{plugin}/{function}`. */
export const functionEvidenceView = z.object({
  plugin: z.string(),
  function: z.string(),
  current: evidence,
  older: z.array(evidence),
}) satisfies z.ZodType<FunctionEvidence>;

/** Answer to `GET /api/v1/evidence/{plugin}`. */
export const pluginEvidenceView = z.object({ plugin: z.string(), functions: z.array(functionEvidenceView) });
