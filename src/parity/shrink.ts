import { createHash } from 'node:crypto';
import type { Comparison } from '../domain/comparison.js';
import { allEnded } from './all-ended.js';
import { parseJson } from './json-parse.js';
import { jsonText } from './json-text.js';
import { codeOf, type Tried } from './pair.js';
import { smallerBytes, smallerText } from './smaller-bytes.js';
import { smallerJson } from './smaller-json.js';
import type { Takes } from './source.js';

interface ShrinkOptions {
  readonly takes: Takes;
  /** Whether a document is one of those that are asked for; null: any. */
  readonly conforms: ((input: Uint8Array) => boolean) | null;
  readonly run: (input: Uint8Array) => Promise<Tried>;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: ShrinkLimits | undefined;
}

interface ShrinkLimits {
  readonly runs: number;
  readonly ms: number;
}

export interface Shrunk {
  readonly tried: Tried;
  readonly runs: number;
  /** Whether nothing smaller differs, of what was to be tried; else time or runs were over. */
  readonly smallest: boolean;
}

const LIMITS: ShrinkLimits = { runs: 10_000, ms: 30_000 };
/** Candidates that are run at once; of those that differ the first one is taken, whichever is ready first. */
const AT_ONCE = 32;

/** Looks for the smallest input on which the two sides differ in the same way. */
export async function shrink(start: Tried, options: ShrinkOptions): Promise<Shrunk> {
  const { run, signal, limits = LIMITS } = options;
  const until = performance.now() + limits.ms;
  const seen = new Set<string>();
  let best = start;
  let runs = 0;

  for (;;) {
    let better: Tried | null = null;
    for (const candidates of groupsOf(fresh(best.input, seen, options))) {
      if (signal?.aborted || runs >= limits.runs || performance.now() > until)
        return { tried: best, runs, smallest: false };
      runs += candidates.length;
      const tried = await allEnded(candidates.map(run));
      better = tried.find((each) => isSameWay(each.comparison, best.comparison) && endsAlike(each, best)) ?? null;
      if (better !== null) break;
    }
    if (better === null) return { tried: best, runs, smallest: true };
    best = better;
  }
}

function* fresh(input: Uint8Array, seen: Set<string>, { takes, conforms }: ShrinkOptions): Generator<Uint8Array> {
  // What does not conform to begin with need not do so when it is smaller.
  const asked = conforms?.(input) === true ? conforms : null;
  for (const candidate of smaller(input, takes)) {
    const key = keyOf(candidate);
    if (seen.has(key) || asked?.(candidate) === false) continue;
    seen.add(key);
    yield candidate;
  }
}

/** Of long ones a digest: there may be thousands. */
function keyOf(bytes: Uint8Array): string {
  return bytes.length > 64
    ? createHash('sha256').update(bytes).digest('base64')
    : Buffer.from(bytes).toString('latin1');
}

function* smaller(input: Uint8Array, takes: Takes): Generator<Uint8Array> {
  const document = takes === 'json' ? parseJson(Buffer.from(input).toString('utf8')) : undefined;
  if (document !== undefined) {
    for (const each of smallerJson(document)) yield Buffer.from(jsonText(each), 'utf8');
    return;
  }
  yield* takes === 'bytes' ? smallerBytes(input) : smallerText(input);
}

function* groupsOf<T>(items: Iterable<T>): Generator<readonly T[]> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < AT_ONCE) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

function isSameWay(one: Comparison, other: Comparison): boolean {
  return one.result === other.result;
}

/** A crash is not to become a time-out on the way. */
function endsAlike(one: Tried, other: Tried): boolean {
  return codeOf(one.legacy) === codeOf(other.legacy) && codeOf(one.wasm) === codeOf(other.wasm);
}
