import type { Corpus } from './corpus.js';
import { Draws } from './draws.js';

const MOST_INPUTS = 10_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Inputs of a corpus, every one as likely as the others where they are more than fit: 10,000, or 64 MiB. */
export async function sampleInputs(corpus: Corpus, seed: number): Promise<readonly Uint8Array[]> {
  const draws = new Draws().begin(seed, 0);
  const kept: Uint8Array[] = [];
  let bytes = 0;
  let seen = 0;
  for await (const { input } of corpus.cases()) {
    seen += 1;
    const isRoom = kept.length < MOST_INPUTS && bytes + input.length <= MOST_BYTES;
    const at = isRoom ? kept.length : draws.below(seen);
    const grown = input.length - (kept[at]?.length ?? 0);
    if (at > kept.length || (at === kept.length && !isRoom) || bytes + grown > MOST_BYTES) continue;
    kept[at] = input;
    bytes += grown;
  }
  return kept;
}
