import { z } from 'zod';
import { headerName, jsonPointer, mediaType, version } from './forms.js';
import { name } from './name.js';
import { nativeBackend } from './native-backend.js';
import { bodySize, duration } from './units.js';
import { wasmBackend } from './wasm-backend.js';

const compareRule = z
  .strictObject({
    as: z.enum(['bytes', 'text', 'json']).default('bytes'),
    ignore: z.array(jsonPointer).default([]).describe('What does not count in a JSON document, with * for any member.'),
    tolerance: z.number().min(0).default(0).describe('Numbers nearer than this are equal.'),
  })
  .refine((rule) => rule.as === 'json' || (rule.ignore.length === 0 && rule.tolerance === 0), {
    message: 'expected `as: json` beside ignore and tolerance, which mean nothing for other outputs',
  });

const pluginFunction = z.strictObject({
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
