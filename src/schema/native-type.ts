import { z } from 'zod';

const NAME = 'expected the name of a C type such as point';
const FIELD = 'expected the name of a field';
const TYPE =
  'expected opaque, a C type such as uint32_t, or a mapping of fields such as { x: double, name: "char[16]" }';

const identifier = /^[A-Za-z_]\w{0,127}$/;
const cType = z
  .string(TYPE)
  .regex(/^[A-Za-z_][\w\s*]*(\[\s*\d+\s*\]\s*)*$/, TYPE)
  .max(256);

/** The C types that the prototypes of a library name, each by what it is. */
export const nativeTypes = z
  .record(
    z.string().regex(identifier, NAME),
    z.union([
      cType.describe('opaque, or the C type that it is another name for.'),
      z
        .record(z.string().regex(identifier, FIELD), cType)
        .refine(
          (fields) => Object.keys(fields).length > 0 && Object.keys(fields).length <= 256,
          'expected 1 to 256 fields',
        )
        .describe('The fields of a struct, in order.'),
    ]),
  )
  .refine((types) => Object.keys(types).length <= 256, 'expected at most 256 types');
