import { z } from 'zod';
import { difference } from './difference.js';

/** Bytes: as text where they are UTF-8 text, else in base64. */
export const body = z.union([z.object({ text: z.string() }), z.object({ base64: z.base64() })]);

/** How one side ended: with an output, or failing. */
export const ended = z.union([z.object({ output: body }), z.object({ code: z.string(), detail: z.string() })]);

/** One line of a corpus: a call that can be made again, with what came of it where that is known. */
export const corpusLine = z.object({
  /** Of the plugin; where a corpus is for several of its functions. */
  function: z.string().optional(),
  input: body,
  legacy: ended.optional(),
  wasm: ended.optional(),
  at: z.iso.datetime().optional(),
  requestId: z.string().optional(),
  differences: z.array(difference).optional(),
  /** Something was taken out of it: run again, it may answer otherwise. */
  redacted: z.boolean().optional(),
});

export type CorpusLine = z.infer<typeof corpusLine>;
