import { validRange } from 'semver';
import { z } from 'zod';
import { absolutePath, cSymbol, path, variable, version } from './forms.js';
import { name } from './name.js';
import { nativeFunction } from './native-function.js';
import { ownFunction } from './native-prototype.js';
import { nativeTypes } from './native-type.js';
import { duration, size } from './units.js';

const written = z.strictObject({
  kind: z.literal('native'),
  version: version.optional().describe("Default: the plugin's."),
  library: path.describe(
    "A path inside the plugin's folder, a bare name found in libraryRoots, or an absolute path under one of them.",
  ),
  functions: z.record(name, nativeFunction).describe('How each declared function is called.'),
  types: nativeTypes.default({}).describe('The C types of the library that prototypes name, structs among them.'),
  init: ownFunction.optional().describe('Called after the load; it may make the $handle.'),
  shutdown: ownFunction.optional().describe('Called before an orderly end.'),
  last_error: ownFunction.optional().describe('Answers a text about the last failure.'),
  free: cSymbol.default('free').describe("What frees the outputs: in the library, else C's."),
  abi: z
    .literal('stable')
    .optional()
    .describe('Asks for a descriptor of the stable ABI in the library, which is checked before it is loaded.'),
  requires: z
    .string()
    .min(1)
    .max(128)
    .transform((range, context) => {
      const comparators = validRange(range);
      if (comparators !== null) return comparators;
      context.addIssue({ code: 'custom', message: 'expected a range of versions such as ^1.2 or >=1.4 <2' });
      return z.NEVER;
    })
    .optional()
    .describe('A range such as ^1.2 for the version that the descriptor says.'),
  config: z.record(variable, z.string()).default({}).describe('Environment variables that the library finds.'),
  hosts: z
    .array(
      z.literal('*', 'expected [] or ["*"]: native code has the network or it has none, nothing finer can be enforced'),
    )
    .max(1)
    .default([])
    .describe('["*"] grants the network; nothing by default.'),
  paths: z
    .record(absolutePath, path)
    .default({})
    .describe('Path inside to host path; read-only unless written "rw:…"; nothing by default.'),
  spawn: z.boolean().default(false).describe('Whether the library may start processes.'),
  containment: z
    .enum(['required', 'preferred', 'none'])
    .default('preferred')
    .describe('required: refused where it cannot be had whole; preferred: as much of it as can be had.'),
  isolation: z
    .enum(['process', 'in-process'])
    .default('process')
    .describe('in-process: no process between, so no containment and no deadlines; banyan.yaml must allow it by name.'),
  group: name.optional().describe('Plugins of one group share their children.'),
  recycle: z
    .strictObject({ calls: z.int().min(1).optional(), growth: size.optional() })
    .prefault({})
    .describe('A child is replaced after so many calls, or when its resident memory has grown by so much.'),
  pool: z.strictObject({ size: z.int().min(1).max(256).default(1).describe('Child processes.') }).prefault({}),
  memory: size.optional().describe('What the library may add to the address space of a child; default: no limit.'),
  restarts: z
    .strictObject({
      max: z.int().min(0).max(1_000_000).default(5),
      within: duration.prefault('60s'),
      rest: duration.prefault('10s'),
    })
    .prefault({})
    .describe('More than max restarts within a time trip the backend, which is probed again after the rest.'),
});

/** `backends.legacy` of kind `native`, as it is written. */
export const nativeBackend = written.check(({ value, issues }) => {
  if (value.abi === 'stable') return;
  const refuse = (path: readonly string[], message: string): void =>
    void issues.push({ code: 'custom', path: [...path], message, input: value });
  if (value.requires !== undefined)
    refuse(['requires'], 'expected `abi: stable` beside it: nothing else tells the version of a library');
  for (const [name, { convention }] of Object.entries(value.functions)) {
    const at = ['functions', name, 'convention'];
    if (convention === undefined) refuse(at, 'expected buffer or cstring, a prototype instead, or `abi: stable`');
    if (convention === 'stable') refuse(at, 'expected `abi: stable` beside the functions of the stable ABI');
  }
});
