import type { Compare } from '../domain/compare.js';
import type { ComparisonResult } from '../domain/comparison.js';
import { inBatches } from './batches.js';
import type { Corpus } from './corpus.js';
import type { CorpusCase, Recorded } from './corpus-case.js';
import { compareAtLast, isDifferent, type Pair, ranOutOfTime, runBoth, type Tried } from './pair.js';
import { outcomeText } from './outcome-text.js';
import { createTally, type Elsewhere, type Place, type Where } from './tally.js';

/** A line of a corpus that both sides ran. */
export interface Verdict {
  readonly found: CorpusCase & { readonly function: string };
  readonly tried: Tried;
  readonly ms: number;
}

/** What came of a corpus. */
export interface Verified {
  /** Lines that were run, of how many. */
  readonly lines: number;
  readonly total: number;
  readonly counts: Readonly<Record<ComparisonResult, number>>;
  readonly places: readonly Place[];
  readonly elsewhere: readonly Elsewhere[];
  /** Lines for functions that were not asked for. */
  readonly others: number;
  /** Lines from which something had been taken out. */
  readonly redacted: number;
  /** Legacy answered otherwise than when the line was recorded. */
  readonly changed: { readonly count: number; readonly example: ChangedLine | null };
  /** Ran out of time among others, and not alone. */
  readonly lateOnce: number;
  readonly interrupted: boolean;
  readonly ms: number;
}

type ChangedLine = Where & { readonly recorded: string; readonly now: string };

interface VerifyOptions {
  /** By function. */
  readonly pairs: ReadonlyMap<string, Pair>;
  readonly compare: Compare;
  readonly corpus: Corpus;
  readonly onLine?: (verdict: Verdict) => void;
  readonly onProgress?: (lines: number) => void;
  readonly signal?: AbortSignal;
}

const BATCH = 128;
const BATCH_BYTES = 8 * 1024 * 1024;

/** Runs every line on both sides, and compares. Rejects where a side is gone for good. */
export async function verifyCorpus(options: VerifyOptions): Promise<Verified> {
  const { pairs, compare, corpus, signal } = options;
  const startedAt = performance.now();
  const tally = createTally();
  const cases = corpus.cases();
  let lines = 0;
  let redacted = 0;
  let lateOnce = 0;
  let changed: Verified['changed'] = { count: 0, example: null };

  async function run(found: Verdict['found']): Promise<Verdict> {
    const from = performance.now();
    const tried = await runBoth(pairOf(found), compare, found.input);
    return { found, tried, ms: performance.now() - from };
  }

  function pairOf({ function: name }: Verdict['found']): Pair {
    const pair = pairs.get(name);
    if (pair === undefined) throw new Error(`a line for ${name}, which was not opened`);
    return pair;
  }

  /** What was late among others is asked again when nothing else runs. */
  async function calmly(verdict: Verdict, settled: () => Promise<unknown>): Promise<Verdict> {
    if (!isDifferent(verdict.tried.comparison) || !ranOutOfTime(verdict.tried)) return verdict;
    await settled();
    const again = await run(verdict.found);
    if (!isDifferent(again.tried.comparison)) lateOnce += 1;
    return again;
  }

  async function look({ found, tried }: Verdict): Promise<void> {
    const { redact } = pairOf(found).spec;
    const isShown = redact.pointers.length === 0;
    tally.add(found, tried, isShown);
    if (found.redacted) redacted += 1;
    else if (found.recorded !== null && (await hasChanged(pairOf(found), compare, found.recorded, tried))) {
      const { file, line, recorded } = found;
      const example = {
        file,
        line,
        recorded: recordedText(recorded, isShown),
        now: outcomeText(tried.legacy, { isShown }),
      };
      changed = { count: changed.count + 1, example: changed.example ?? example };
    }
  }

  await inBatches<Verdict['found'], Verdict>({
    next: () => (signal?.aborted ? ended(cases) : nextBatch(cases)),
    run,
    async take(verdicts, settled) {
      for (const verdict of verdicts) {
        const last = await calmly(verdict, settled);
        await look(last);
        lines += 1;
        options.onLine?.(last);
      }
      options.onProgress?.(lines);
      return true;
    },
  });
  return {
    lines,
    total: corpus.total,
    counts: tally.counts,
    places: tally.places(),
    elsewhere: tally.elsewhere(),
    others: corpus.others,
    redacted,
    changed,
    lateOnce,
    interrupted: lines < corpus.total,
    ms: performance.now() - startedAt,
  };
}

/** Whether all lines were run, and none differs. */
export function isEqual({ counts, interrupted }: Verified): boolean {
  return !interrupted && counts.mismatch === 0 && counts['legacy-failed'] === 0 && counts['wasm-failed'] === 0;
}

/** Nothing more is to come; the file is closed. */
async function ended(cases: AsyncGenerator<Verdict['found']>): Promise<readonly Verdict['found'][]> {
  await cases.return(undefined);
  return [];
}

async function nextBatch(cases: AsyncGenerator<Verdict['found']>): Promise<readonly Verdict['found'][]> {
  const batch: Verdict['found'][] = [];
  let bytes = 0;
  while (batch.length < BATCH && bytes < BATCH_BYTES) {
    const next = await cases.next();
    if (next.done === true) break;
    const { input, recorded } = next.value;
    batch.push(next.value);
    bytes += input.length + (recorded !== null && 'output' in recorded ? recorded.output.length : 0);
  }
  return batch;
}

async function hasChanged(pair: Pair, compare: Compare, recorded: Recorded, { legacy }: Tried): Promise<boolean> {
  if ('code' in recorded) {
    // What the gateway itself had answered then says nothing about the library.
    if (['overloaded', 'unavailable', 'cancelled', 'timeout'].includes(recorded.code)) return false;
    return !('code' in legacy) || legacy.code !== recorded.code;
  }
  return isDifferent(await compareAtLast(pair, compare, recorded, legacy));
}

function recordedText(recorded: Recorded, isShown: boolean): string {
  if ('output' in recorded) return outcomeText({ output: recorded.output }, { isShown });
  return isShown ? `${recorded.code}: ${recorded.detail}` : recorded.code;
}
