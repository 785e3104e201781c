import { z } from 'zod';
import { headerName, jsonPointer } from './forms.js';
import { percentage } from './stage.js';
import { duration } from './units.js';

const never = z.literal('never');

export const redaction = z.strictObject({
  pointers: z.array(jsonPointer).default([]).describe('Into inputs and outputs that are JSON, with * for any member.'),
  headers: z.array(headerName).default([]),
});

/** What is written; `never` becomes null. */
export const tripRule = z
  .strictObject({
    consecutive: z
      .union([z.int().min(1).max(1_000_000), never])
      .default(5)
      .describe('Infrastructure failures of wasm in a row.'),
    share: z
      .union([
        z.strictObject({
          percent: percentage.default(50),
          calls: z.int().min(1).max(1_000_000).default(20).describe('Fewer calls within the window say nothing.'),
          within: duration.prefault('10s'),
        }),
        never,
      ])
      .prefault({})
      .describe('Share of infrastructure failures within a window.'),
    rest: z.union([duration, never]).prefault('30s').describe('How long until wasm is tried again.'),
    mirror: percentage.default(0).describe('Percent of calls that are mirrored to wasm meanwhile.'),
  })
  .transform(({ consecutive, share, rest, mirror }) => ({
    consecutive: consecutive === 'never' ? null : consecutive,
    share: share === 'never' ? null : { percent: share.percent, calls: share.calls, withinMs: share.within },
    restMs: rest === 'never' ? null : rest,
    mirror,
  }));

export const retireRule = z
  .strictObject({
    comparisons: z.int().min(0).default(3000).describe('Calls that both sides must have run.'),
    limit: percentage.default(0.1).describe('Percent of them that may differ.'),
    quiet: duration.prefault('1h').describe('How long legacy must not have answered a call.'),
  })
  .transform(({ comparisons, limit, quiet }) => ({ comparisons, limit, quietMs: quiet }));
