import type { z } from 'zod';

/** The keys of the object that an issue of a key which is not known is about. */
export function knownKeys({ inst }: z.core.$ZodRawIssue): readonly string[] {
  const shape = (inst as z.core.$ZodObject | undefined)?._zod.def.shape;
  return Object.keys(shape ?? {});
}
