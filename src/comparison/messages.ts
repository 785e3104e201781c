import { z } from 'zod';
import type { Artefact } from '../domain/artefact.js';
import { COMPARISON_RESULTS, type Ended, type ReplyError } from '../domain/comparison.js';
import { difference } from '../schema/difference.js';
import type { PlainRule } from './judge.js';

/** What a lane is started with. */
export interface LaneStart {
  /** The module that it runs; null: it compares by the rules that manifests spell out. */
  readonly module: Artefact | null;
}

/** One comparison. */
export interface Question {
  readonly id: number;
  /** Null: the module's. */
  readonly rule: PlainRule | null;
  readonly error: ReplyError | null;
  readonly legacy: Ended;
  readonly wasm: Ended;
}

/** What a lane says. A module shares its thread, and could say anything: it is parsed. */
export const fromLane = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** The module is not run; and for how long, the parent decides. */
  z.object({ type: z.literal('refused'), why: z.string() }),
  z.object({
    type: z.literal('answer'),
    id: z.int(),
    comparison: z.object({
      result: z.enum(COMPARISON_RESULTS),
      differences: z.array(difference),
      omitted: z.int().min(0),
    }),
  }),
  /** `detail` may tell of what was compared. */
  z.object({ type: z.literal('broken'), id: z.int(), why: z.string(), detail: z.string().nullable() }),
]);

export type FromLane = z.infer<typeof fromLane>;
