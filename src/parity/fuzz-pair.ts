import type { Compare } from '../domain/compare.js';
import type { Difference } from '../domain/comparison.js';
import { inBatches } from './batches.js';
import { Draws } from './draws.js';
import { compareAtLast, isDifferent, type Pair, ranOutOfTime, runBoth, type Tried } from './pair.js';
import { shrink, type Shrunk } from './shrink.js';
import type { Source, Takes } from './source.js';

interface FuzzOptions {
  readonly pair: Pair;
  readonly compare: Compare;
  readonly source: Source;
  readonly takes: Takes;
  /** Whether an input is one that is asked for, so that smaller ones are, too; null: any is. */
  readonly conforms: ((input: Uint8Array) => boolean) | null;
  readonly runs: number;
  /** The same seed gives the same inputs in the same order, on every machine and however long calls take. */
  readonly seed: number;
  readonly onProgress?: (runs: number) => void;
  readonly signal?: AbortSignal;
}

/** An input on which the sides differ. */
export interface Finding {
  /** Which run found it, from 1. */
  readonly run: number;
  readonly found: Tried;
  /** Made as small as could be; as it was found where it did not come again. */
  readonly smallest: Tried;
  readonly shrunk: Shrunk | null;
  /** Where legacy differs from itself on the same input: the rule does not leave out what changes by itself. */
  readonly noise: readonly Difference[];
}

export interface Fuzzed {
  readonly runs: number;
  readonly finding: Finding | null;
  /** Ran out of time among others, and not alone. */
  readonly lateOnce: number;
  readonly interrupted: boolean;
  readonly ms: number;
}

/** Batches begin small and double: what differs or crashes everywhere is found before it has done so often. */
const BATCH = 128;
const BATCH_BYTES = 8 * 1024 * 1024;
/** How often an input is tried again before its difference is taken for one that does not come again. */
const ATTEMPTS = 3;

/** Looks for an input on which the two sides differ, and makes it small. Rejects where a side is gone for good. */
export async function fuzzPair(options: FuzzOptions): Promise<Fuzzed> {
  const { pair, compare, source, runs, seed, signal } = options;
  const startedAt = performance.now();
  const draws = new Draws();
  let made = 0;
  let looked = 0;
  let lateOnce = 0;
  let finding = null as Finding | null;

  const run = (input: Uint8Array): Promise<Tried> => runBoth(pair, compare, input);

  function next(): readonly Uint8Array[] {
    const batch: Uint8Array[] = [];
    let bytes = 0;
    const size = Math.min(BATCH, made + 1);
    while (!signal?.aborted && made < runs && batch.length < size && bytes < BATCH_BYTES) {
      const input = source.make(draws.begin(seed, made));
      made += 1;
      bytes += input.length;
      batch.push(input);
    }
    return batch;
  }

  /** Runs it again, alone; then makes it small. Null: it was but late, among others. */
  async function examine(found: Tried): Promise<Finding | null> {
    let again: Tried | null = null;
    for (let attempt = 0; attempt < ATTEMPTS && again === null; attempt++) {
      const tried = await run(found.input);
      if (tried.comparison.result === found.comparison.result) again = tried;
    }
    if (again === null && ranOutOfTime(found)) return null;
    const noise = await compareAtLast(pair, compare, found.legacy, (again ?? found).legacy);
    const shrunk = again === null ? null : await shrink(again, { ...options, run });
    return { run: looked, found, smallest: shrunk?.tried ?? found, shrunk, noise: noise.differences };
  }

  await inBatches<Uint8Array, Tried>({
    next,
    run,
    async take(batch, settled) {
      for (const tried of batch) {
        looked += 1;
        source.learn(tried);
        if (!isDifferent(tried.comparison)) continue;
        await settled();
        finding = await examine(tried);
        if (finding !== null) return false;
        lateOnce += 1;
      }
      options.onProgress?.(looked);
      return true;
    },
  });
  return {
    runs: looked,
    finding,
    lateOnce,
    interrupted: finding === null && looked < runs,
    ms: performance.now() - startedAt,
  };
}
