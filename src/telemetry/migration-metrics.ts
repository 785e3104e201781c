import { COMPARISON_RESULTS, type ComparisonResult } from '../domain/comparison.js';
import type { FailureCode } from '../domain/failure.js';
import { DROP_REASONS, type DropReason } from '../domain/mirror.js';
import type { Known } from './call-metrics.js';
import type { Sample } from './collector.js';

/** What falls back: the failures of wasm that legacy makes good. */
const CAUSES = [
  'trapped',
  'crashed',
  'timeout',
  'output-too-large',
  'bad-output',
  'unavailable',
  'overloaded',
] as const satisfies readonly FailureCode[];

/** What is counted of calls that both sides run, by function. */
export class MigrationMetrics {
  readonly #comparisons = new FunctionCounts<ComparisonResult>('result', COMPARISON_RESULTS);
  readonly #dropped = new FunctionCounts<DropReason>('reason', DROP_REASONS);
  readonly #fallbacks = new FunctionCounts<FailureCode>('cause', CAUSES);

  readonly countComparison = (plugin: string, functionName: string, result: ComparisonResult): void =>
    this.#comparisons.count(plugin, functionName, result);
  readonly countDropped = (plugin: string, functionName: string, reason: DropReason): void =>
    this.#dropped.count(plugin, functionName, reason);
  readonly countFallback = (plugin: string, functionName: string, cause: FailureCode): void =>
    this.#fallbacks.count(plugin, functionName, cause);

  comparisonSamples(known: Known): Generator<Sample> {
    return this.#comparisons.samples(known);
  }

  droppedSamples(known: Known): Generator<Sample> {
    return this.#dropped.samples(known);
  }

  fallbackSamples(known: Known): Generator<Sample> {
    return this.#fallbacks.samples(known);
  }
}

/** A counter by function and one more label; every value is written once a function has one, or `increase()` would miss it. */
class FunctionCounts<Value extends string> {
  readonly #label: string;
  readonly #none: ReadonlyMap<Value, number>;
  /** By plugin, then by function: a name made of both would be put together and hashed at every count. */
  readonly #plugins = new Map<string, Map<string, Map<Value, number>>>();

  constructor(label: string, values: readonly Value[]) {
    this.#label = label;
    this.#none = new Map(values.map((value) => [value, 0]));
  }

  count(plugin: string, functionName: string, value: Value): void {
    let functions = this.#plugins.get(plugin);
    if (functions === undefined) this.#plugins.set(plugin, (functions = new Map<string, Map<Value, number>>()));
    let counts = functions.get(functionName);
    if (counts === undefined) functions.set(functionName, (counts = new Map(this.#none)));
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }

  *samples(known: Known): Generator<Sample> {
    for (const [plugin, functions] of this.#plugins) {
      for (const [functionName, counts] of functions) {
        if (!known(plugin, functionName)) continue;
        for (const [value, count] of counts)
          yield { labels: { plugin, function: functionName, [this.#label]: value }, value: count };
      }
    }
  }
}
