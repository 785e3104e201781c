import fc from 'fast-check';
import { conforms } from './conforms.js';
import type { Json } from './json.js';
import type { Shape } from './shape.js';
import { valuesOf } from './shape-values.js';
import type { Source } from './source.js';

/** Values that are made, at most, for one that is of its shape. */
const MOST_TRIES = 200;
/** fast-check's: one value in so many is at an edge of its own choosing. */
const BIAS = 4;

/** JSON documents by a schema. */
export function schemaSource(name: string, shape: Shape): Source {
  const values = valuesOf(shape);
  return {
    name,
    make(draws) {
      const random = new fc.Random(draws);
      let value: Json = null;
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        ({ value } = values.generate(random, BIAS));
        if (conforms(shape, value)) return Buffer.from(JSON.stringify(value), 'utf8');
      }
      const found = JSON.stringify(value).slice(0, 200);
      throw new Error(`${name}: of ${MOST_TRIES} documents that were made none met it; the last one was ${found}`);
    },
    learn: () => undefined,
  };
}
