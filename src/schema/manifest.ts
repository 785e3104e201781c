import { z } from 'zod';
import { compareRule, replyError } from './compare-rule.js';
import { headerName, mediaType, version } from './forms.js';
import { redaction, retireRule, tripRule } from './migration-rules.js';
import { name } from './name.js';
import { nativeBackend } from './native-backend.js';
import { percentage } from './stage.js';
import { bodySize, duration } from './units.js';
import { wasmBackend } from './wasm-backend.js';

/** One function of `plugin.yaml`. */
export const pluginFunction = z.strictObject({
  effects: z
    .enum(['pure', 'idempotent', 'unsafe'])
    .default('unsafe')
    .describe('Whether a call may be run twice: pure and idempotent ones may.'),
  input: mediaType.default('application/octet-stream'),
  output: mediaType.default('application/octet-stream'),
  timeout: duration.prefault('10s').describe('Until an answer, queueing included.'),
  key: z
    .strictObject({ header: headerName.prefault('x-banyan-key') })
    .prefault({})
    .describe('The request header that carries the sticky key.'),
  compare: compareRule.prefault({}).describe('When the outputs of both backends are the same.'),
  error: replyError.optional().describe('How an error shows inside a successful reply.'),
  redact: redaction.prefault({}).describe('What is taken out of samples before they are written.'),
  trip: tripRule.prefault({}).describe('When the gateway takes calls back from wasm by itself.'),
  fallback: z
    .strictObject({
      reserve: percentage
        .max(90, 'expected at most 90: wasm needs a part of the time-out, too')
        .default(25)
        .describe('Percent of the time-out that is kept back for legacy to answer in, at most 90.'),
    })
    .prefault({})
    .describe('How legacy answers for a failing wasm, where the stage says so.'),
  retire: retireRule.prefault({}).describe('What has to be proved before legacy may be unloaded.'),
});

/** `plugin.yaml` as it is written. */
export const manifestFile = z.strictObject({
  name: name.describe("The folder's name."),
  version,
  functions: z
    .record(name, pluginFunction)
    .refine((functions) => Object.keys(functions).length > 0, 'expected at least one function'),
  limits: z
    .strictObject({
      queue: z.int().min(1).max(1_000_000).default(1000).describe('Calls that may wait, for each backend.'),
      output: bodySize.prefault('16MiB').describe('An output over it is never read.'),
    })
    .prefault({}),
  backends: z
    .strictObject({ legacy: nativeBackend.optional(), wasm: wasmBackend.optional() })
    .refine(
      (backends) => backends.legacy !== undefined || backends.wasm !== undefined,
      'expected a backend: legacy, wasm or both',
    ),
});

export type ManifestFile = z.output<typeof manifestFile>;
