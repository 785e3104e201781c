import { amount } from '../domain/figure.js';
import { byteSource } from './byte-source.js';
import { mutatingSource } from './mutating-source.js';
import { schemaSource } from './schema-source.js';
import type { Shape } from './shape.js';
import { either, type Source, type Takes } from './source.js';

interface Known {
  readonly takes: Takes;
  readonly schema: { readonly file: string; readonly shape: Shape } | null;
  readonly corpus: { readonly path: string; readonly inputs: readonly Uint8Array[] } | null;
  /** Words of both artefacts. */
  readonly words: readonly string[];
  /** Bytes that an input has at most. */
  readonly longest: number;
}

/** What a function takes, by the media type that its manifest declares. */
export function takenBy(mediaType: string): Takes {
  const [type = ''] = mediaType.toLowerCase().split(';');
  if (/[/+]json$/.test(type.trim())) return 'json';
  return type.startsWith('text/') ? 'text' : 'bytes';
}

const SIMPLEST = ['{}', '[]', '""', '0'].map((text) => Buffer.from(text, 'utf8'));

/** Inputs by what is known of a function: its schema, a corpus, or nothing but its files. */
export function chooseSource({ takes, schema, corpus, words, longest }: Known): Source {
  const bySchema = schema === null ? [] : [schemaSource(`JSON by ${schema.file}`, schema.shape)];
  const byCorpus =
    corpus === null
      ? []
      : [
          mutatingSource({
            name: `changes to ${amount(corpus.inputs.length, 'input')} of ${corpus.path}`,
            inputs: corpus.inputs,
            takes,
            words,
            longest,
          }),
        ];
  const [first, ...others] = [...bySchema, ...byCorpus];
  if (first !== undefined) return either([first, ...others]);
  if (takes === 'json') return mutatingSource({ name: 'JSON from nothing', inputs: SIMPLEST, takes, words, longest });
  const any = byteSource({ text: takes === 'text' });
  const further = mutatingSource({ name: 'changes to those', inputs: [], takes, words, longest });
  return either([any, any, any, further]);
}
