import { z } from 'zod';
import { cSymbol } from './forms.js';

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

/** How one declared function is called, as it is written. */
export const nativeFunction = z.union([byConvention, byPrototype]);

/** The name that a C function declaration declares, found without understanding its types; null for anything else. */
export function declaredName(prototype: string): string | null {
  return PROTOTYPE.exec(prototype)?.[1] ?? null;
}
