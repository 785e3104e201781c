import type { Draws } from './draws.js';
import type { Tried } from './pair.js';

/** What a function's input is, as far as making some is concerned. */
export type Takes = 'json' | 'text' | 'bytes';

/** Where a fuzz gets its inputs from. */
export interface Source {
  /** For people: `JSON by quote.schema.json`. */
  readonly name: string;
  /** An input by these draws and by what was learnt before, and by nothing else. */
  make(draws: Draws): Uint8Array;
  /** Told of runs in their order. */
  learn(tried: Tried): void;
}

/** Takes turns, as the draws will have it; one that stands there twice is drawn twice as often. */
export function either(sources: readonly [Source, ...Source[]]): Source {
  const [only, ...others] = sources;
  if (others.length === 0) return only;
  const different = new Set(sources);
  return {
    name: [...different].map(({ name }) => name).join('; '),
    make: (draws) => draws.pick(sources).make(draws),
    learn: (tried) => {
      for (const source of different) source.learn(tried);
    },
  };
}
