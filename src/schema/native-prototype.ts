import { z } from 'zod';
import type { Capacity, PrototypeResult } from '../domain/native-function.js';
import { cSymbol } from './forms.js';

const LONGEST = 4096;
/** Linear in the length of any text: a name is tried where a word begins, and blanks are taken once. */
const PROTOTYPE = /^[^(]*?\b([A-Za-z_]\w*)\s*\([^]*\)\s*(?:;\s*)?$/;
const POINTER = String.raw`(\/([^~/]|~[01])*)+`;

const DECLARATION = 'expected one C function declaration such as "double pow(double x, double y)"';
const CUT =
  'expected one C function declaration, in quotes where braces are around it: a comma ends it there otherwise';
const ARGUMENT =
  'expected a number, true, false, null, $body, $text, $length, $capacity, $handle, $config, a JSON pointer into the body such as /x, ' +
  'or a mapping such as { text: fast }, { length: /xs }, { out: body, capacity: "1.1x + 64" }, { out: length }, { out: /y } or { inout: /x }';
const OUT = 'expected length, handle or a JSON pointer such as /y; body and text need a capacity, or free, beside them';
const RESULT = 'expected json, text, or a mapping such as { as: text, free: free } or { status: 0 }';
const CAPACITY = 'expected a number of bytes, or <factor>x + <bytes> of the length of the body, such as "1.1x + 64"';

const written = /^(\d+(?:\.\d+)?)x(?: *\+ *(\d+))?$/;

/** Bytes, or `<factor>x + <bytes>`; nothing more. */
const capacity = z
  .union(
    [
      z.number().multipleOf(1, CAPACITY).min(1).max(Number.MAX_SAFE_INTEGER),
      z.string().regex(written, CAPACITY).max(40, CAPACITY),
    ],
    {
      error: CAPACITY,
    },
  )
  .transform((value): Capacity => {
    if (typeof value === 'number') return { factor: 0, bytes: value };
    const [, factor = '', bytes = '0'] = written.exec(value) ?? [];
    return { factor: Number(factor), bytes: Number(bytes) };
  });

const pointer = z.string().regex(new RegExp(`^${POINTER}$`), 'expected a JSON pointer such as /x');
const output = z.enum(['body', 'text']);

const plainArgument = z.union(
  [
    z.number().describe('A constant.'),
    z.boolean().describe('A constant.'),
    z.null().describe('A NULL pointer.'),
    z
      .string()
      .regex(new RegExp(`^(\\$(body|text|length|capacity|handle|config)|${POINTER})$`), ARGUMENT)
      .describe('The body as bytes or as text, its length in bytes, a value of a JSON body, …'),
  ],
  { error: ARGUMENT },
);

const argument = z.union([
  plainArgument,
  z.strictObject({ text: z.string() }).describe('A constant text.'),
  z.strictObject({ length: pointer }).describe('How many elements a list has, or bytes a text.'),
  z.strictObject({ out: output, capacity }).describe('The reply: a buffer that the function fills.'),
  z.strictObject({ out: output, free: cSymbol }).describe('The reply: memory that the function allocates.'),
  z
    .strictObject({ inout: z.literal('body'), capacity: capacity.prefault('1x') })
    .describe('The body, which the function changes: the reply.'),
  z
    .strictObject({ out: z.string(OUT).regex(new RegExp(`^(length|handle|${POINTER})$`), OUT) })
    .describe("The output's length, the handle, or a part of a JSON reply."),
  z.strictObject({ inout: pointer }).describe('A part of the JSON body, and of the JSON reply.'),
]);

const result = z.union([
  z.enum(['json', 'text'], RESULT),
  z
    .strictObject({
      as: z.enum(['json', 'text', 'bytes', 'length', 'handle', 'none']).default('none'),
      at: pointer.optional().describe('Where in a JSON reply the result stands.'),
      free: cSymbol.optional().describe('What frees the returned pointer.'),
      status: z.int().optional().describe('The only result that is no failure.'),
      // Without quotes, null is not a text in YAML.
      error: z
        .union([z.enum(['negative', 'zero', 'nonzero', 'null', 'errno']), z.null().transform(() => 'null' as const)])
        .optional()
        .describe('What is a failure.'),
      errno: z.boolean().default(false).describe('Whether errno tells about a failure.'),
    })
    .transform(({ as, at, free, status, error, errno }): PrototypeResult => ({
      as,
      at: at ?? null,
      free: free ?? null,
      status: status ?? null,
      error: error ?? null,
      errno: errno || error === 'errno',
    })),
]);

/** What YAML leaves of an unquoted declaration in a flow mapping: the text up to the first comma. */
const isCut = (value: unknown): boolean => typeof value === 'string' && value.includes('(') && !value.includes(')');

const prototype = z
  .string(DECLARATION)
  .max(LONGEST, { abort: true, error: `expected at most ${LONGEST} characters` })
  .regex(PROTOTYPE, { error: ({ input }) => (isCut(input) ? CUT : DECLARATION) })
  .describe('One C function declaration.');
const symbol = cSymbol.optional().describe('Default: the name that the prototype declares.');
const args = z.array(argument).max(64).describe('One for each parameter, in order.');

/** A function of the library for its callers. */
export const prototypeFunction = z.strictObject({
  prototype,
  symbol,
  args,
  result: result.describe('json: the result as a JSON value; text: the returned C string; or a mapping.'),
});

/** A function of the library for the gateway itself: a symbol, or a prototype. */
export const ownFunction = z.union([
  cSymbol,
  z.strictObject({ prototype, symbol, args: args.default([]), result: result.optional() }),
]);

/** The name that a C function declaration declares, found without understanding its types; null for anything else. */
export function declaredName(prototype: string): string | null {
  return PROTOTYPE.exec(prototype)?.[1] ?? null;
}
