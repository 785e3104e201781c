import { z } from 'zod';
import { cSymbol } from './forms.js';
import { prototypeFunction } from './native-prototype.js';

const CONVENTIONS = ['buffer', 'cstring', 'stable'] as const;

const byConvention = z
  .strictObject({
    symbol: cSymbol.optional().describe("Default: the function's name."),
    convention: z
      .enum(CONVENTIONS)
      .optional()
      .describe('stable, which is the default beside `abi: stable`: by the vtable of the stable ABI.'),
  })
  .check(({ value, issues }) => {
    // A union would take what has unknown keys alone for this form of it, a prototype that lacks something included.
    if (issues.length > 0 && value.convention === undefined)
      issues.push({ code: 'invalid_value', values: [...CONVENTIONS], path: ['convention'], input: undefined });
  });

const byPrototype = prototypeFunction.transform((written) => ({ convention: 'prototype' as const, ...written }));

/** How one declared function is called, as it is written. */
export const nativeFunction = z.union([byConvention, byPrototype]);
