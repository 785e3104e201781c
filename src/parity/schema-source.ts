import fc from 'fast-check';
import { jsonText } from './json-text.js';
import { SchemaProblem } from './schema-keywords.js';
import type { Shape } from './shape.js';
import { documentsOf } from './shape-values.js';
import type { Source } from './source.js';

/** JSON documents by a schema. */
export function schemaSource(name: string, shape: Shape): Source {
  const make = documentsOf(shape);
  return {
    name,
    make(draws) {
      try {
        return Buffer.from(jsonText(make(new fc.Random(draws))), 'utf8');
      } catch (error) {
        if (error instanceof SchemaProblem) throw new Error(`${name}: ${error.message}`, { cause: error });
        throw error;
      }
    },
    learn: () => undefined,
  };
}
