import type { CorpusLine } from '../schema/corpus.js';
import { bodyOf, endedOf } from './corpus-case.js';
import type { Tried } from './pair.js';

/** A finding as a line of a corpus, which `verify` runs again. */
export function findingLine(functionName: string, { input, legacy, wasm, comparison }: Tried, at: Date): string {
  return JSON.stringify({
    function: functionName,
    input: bodyOf(input),
    legacy: endedOf(legacy),
    wasm: endedOf(wasm),
    at: at.toISOString(),
    differences: [...comparison.differences],
  } satisfies CorpusLine);
}
