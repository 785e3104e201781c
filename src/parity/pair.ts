import { setTimeout as pause } from 'node:timers/promises';
import type { Compare, NotCompared } from '../domain/compare.js';
import type { Comparison, Ended } from '../domain/comparison.js';
import type { PluginFunction } from '../domain/plugin.js';
import { allEnded } from './all-ended.js';

/** Runs a function on one side. Rejects only where that side has failed for good. */
export type Run = (input: Uint8Array) => Promise<Ended>;

/** A function with both of its sides. */
export interface Pair {
  readonly plugin: string;
  readonly spec: PluginFunction;
  readonly legacy: Run;
  readonly wasm: Run;
}

/** An input that both sides ran, and what came of it. */
export interface Tried {
  readonly input: Uint8Array;
  readonly legacy: Ended;
  readonly wasm: Ended;
  readonly comparison: Comparison;
}

export async function runBoth(pair: Pair, compare: Compare, input: Uint8Array): Promise<Tried> {
  const [legacy, wasm] = await allEnded([pair.legacy(input), pair.wasm(input)]);
  return { input, legacy, wasm, comparison: await compareAtLast(pair, compare, legacy, wasm) };
}

/** Milliseconds between attempts while too many comparisons wait. */
const PAUSE = 5;

/** Here nothing is left uncompared: what cannot be compared is not equal, and the difference says why. */
export async function compareAtLast({ spec }: Pair, compare: Compare, legacy: Ended, wasm: Ended): Promise<Comparison> {
  for (;;) {
    let none = null as NotCompared | null;
    const comparison = await compare(spec, legacy, wasm, (told) => (none = told));
    if (comparison !== null) return comparison;
    if (none !== null && none.reason !== 'comparer-busy') return uncompared(none.why);
    await pause(PAUSE);
  }
}

function uncompared(why: string): Comparison {
  const text = `not compared: ${why}`;
  return { result: 'mismatch', differences: [{ pointer: '', kind: 'value', legacy: text, wasm: text }], omitted: 0 };
}

/** Two sides that fail alike are alike. */
export function isDifferent({ result }: Comparison): boolean {
  return result !== 'match' && result !== 'both-failed';
}

export function codeOf(ended: Ended): string {
  return 'code' in ended ? ended.code : 'ok';
}

/** A side that ran out of time on a busy machine may be in time when it is asked alone. */
export function ranOutOfTime({ legacy, wasm }: Tried): boolean {
  return [legacy, wasm].some((ended) => 'code' in ended && ended.code === 'timeout');
}
