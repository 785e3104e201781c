import { z } from 'zod';

/** Plugin and function names, as they stand in URLs. */
export const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;

export const name = z
  .string()
  .regex(NAME, 'expected a name: a letter, digit or _ first, then up to 63 of those, . or -');
