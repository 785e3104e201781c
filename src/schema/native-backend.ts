import { z } from 'zod';
import { cSymbol, path, version } from './forms.js';
import { name } from './name.js';
import { duration, size } from './units.js';

const PROTOTYPE = /^[^(]*?([A-Za-z_]\w*)\s*\([^]*\)\s*;?\s*$/;

const DECLARATION = 'expected one C function declaration such as "double pow(double x, double y)"';

const ARGUMENT = 'expected a number, $body, $length or a JSON pointer into the body such as /x';

const argument = z.union(
  [
    z.number().describe('A constant.'),
    z
      .string()
      .regex(/^(\$body|\$length|(\/([^~/]|~[01])*)+)$/, ARGUMENT)
      .describe('The body, its length in bytes, or a value of a JSON body.'),
  ],
  { error: ARGUMENT },
);

const byConvention = z.strictObject({
  symbol: cSymbol.optional().describe("Default: the function's name."),
  convention: z.enum(['buffer', 'cstring']),
});

const byPrototype = z
  .strictObject({
    prototype: z.string(DECLARATION).regex(PROTOTYPE, DECLARATION).max(4096).describe('One C function declaration.'),
    symbol: cSymbol.optional().describe('Default: the name that the prototype declares.'),
    args: z.array(argument).max(64).describe('One for each parameter, in order.'),
    result: z.enum(['json', 'text']).describe('json: the result as a JSON value; text: the returned C string.'),
  })
  .transform((written) => ({ convention: 'prototype' as const, ...written }));

/** `backends.legacy` of kind `native`, as it is written. */
export const nativeBackend = z.strictObject({
  kind: z.literal('native'),
  version: version.optional().describe("Default: the plugin's."),
  library: path.describe(
    "A path inside the plugin's folder, a bare name found in libraryRoots, or an absolute path under one of them.",
  ),
  functions: z.record(name, z.union([byConvention, byPrototype])).describe('How each declared function is called.'),
  free: cSymbol.default('free').describe("What frees the outputs: in the library, else C's."),
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

/** The name that a C function declaration declares, found without understanding its types; null for anything else. */
export function declaredName(prototype: string): string | null {
  return PROTOTYPE.exec(prototype)?.[1] ?? null;
}
