import { z } from 'zod';
import { cSymbol } from './forms.js';
import { prototypeFunction } from './native-prototype.js';

const byConvention = z.strictObject({
  symbol: cSymbol.optional().describe("Default: the function's name."),
  convention: z
    .enum(['buffer', 'cstring', 'stable'])
    .optional()
    .describe('stable, which is the default beside `abi: stable`: by the vtable of the stable ABI.'),
});

const byPrototype = prototypeFunction.transform((written) => ({ convention: 'prototype' as const, ...written }));

/** How one declared function is called, as it is written. */
export const nativeFunction = z.union([byConvention, byPrototype]);
