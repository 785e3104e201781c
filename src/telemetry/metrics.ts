import { collectDefaultMetrics, Registry } from 'prom-client';
import type { BackendName, EgressOutcome } from '../domain/backend.js';
import type { Generation } from '../domain/generation.js';
import type { Observation } from '../domain/observation.js';
import type { ComparisonResult } from '../domain/comparison.js';
import type { FailureCode } from '../domain/failure.js';
import type { DropReason } from '../domain/mirror.js';
import { CallMetrics } from './call-metrics.js';
import * as catalogue from './catalogue.js';
import { expose } from './collector.js';
import { EgressMetrics } from './egress-metrics.js';
import { EventMetrics } from './event-metrics.js';
import type { FlipResult, Listener } from './event-metrics.js';
import { MigrationMetrics } from './migration-metrics.js';
import { render } from './exposition.js';
import type { Exposition } from './exposition.js';
import { GenerationMetrics } from './generation-metrics.js';

interface MetricsOptions {
  /** The gateway's version. */
  readonly version: string;
  /** Where the metrics are registered, along with those of the process; default: a registry of its own. */
  readonly registry?: Registry;
}

/**
 * Every metric of the gateway. Series of functions without a sample are left out, and so are those of plugins and
 * functions that the current generation no longer names; their counts are kept, and go on if they return.
 */
export interface Metrics {
  /** Where the gauges of routes and backends look, and what decides which series are shown. */
  useGeneration(current: () => Generation): void;
  /** Where the count of samples that the journal of mismatches has lost is read; without it there are none. */
  useSamplesLost(lost: () => number): void;
  /** Counts one backend call. */
  readonly observe: (observation: Observation) => void;
  countHttp(listener: Listener, status: number): void;
  countFlip(result: FlipResult): void;
  /** `cause` is a word (`SIGSEGV`, `timeout`); anything longer counts as `other`. */
  countRestart(plugin: string, backend: BackendName, cause: string): void;
  /** Counts one HTTP request of a plugin's guest. */
  countEgress(plugin: string, outcome: EgressOutcome, durationMs: number): void;
  /** Counts one call that both sides ran. */
  countComparison(plugin: string, functionName: string, result: ComparisonResult): void;
  /** Counts one sampled call that was not compared. */
  countDropped(plugin: string, functionName: string, reason: DropReason): void;
  /** Counts one call that legacy was asked to make good. */
  countFallback(plugin: string, functionName: string, cause: FailureCode): void;
  /** The outcome of the latest attempt to apply routes or configuration; a start counts as a success. */
  noteApply(success: boolean): void;
  /** The answer to a scrape with this `Accept` header. */
  render(accept?: string): Promise<Exposition>;
}

export function createMetrics({ version, registry = new Registry() }: MetricsOptions): Metrics {
  const calls = new CallMetrics();
  const events = new EventMetrics();
  const egress = new EgressMetrics();
  const migration = new MigrationMetrics();
  const generation = new GenerationMetrics();
  const { known } = generation;
  let samplesLost = (): number => 0;

  expose(registry, catalogue.CALL_DURATION, () => calls.durationSamples(known));
  expose(registry, catalogue.CALLS, () => calls.callSamples(known));
  expose(registry, catalogue.QUEUE_DURATION, () => calls.queueSamples(known));
  expose(registry, catalogue.CALLS_IN_FLIGHT, () => generation.inFlight());
  expose(registry, catalogue.COMPARISONS, () => migration.comparisonSamples(known));
  expose(registry, catalogue.SHADOW_DROPPED, () => migration.droppedSamples(known));
  expose(registry, catalogue.MISMATCH_SAMPLES_LOST, () => [{ labels: {}, value: samplesLost() }]);
  expose(registry, catalogue.FALLBACKS, () => migration.fallbackSamples(known));
  expose(registry, catalogue.ROUTE_PERCENT, () => generation.percent());
  expose(registry, catalogue.ROUTE_STAGE, () => generation.stage());
  expose(registry, catalogue.ROUTE_TRIPPED, () => generation.tripped());
  expose(registry, catalogue.BACKEND_UP, () => generation.up());
  expose(registry, catalogue.BACKEND_RESTARTS, () => events.restartSamples(known));
  expose(registry, catalogue.EGRESS_REQUESTS, () => egress.requestSamples(known));
  expose(registry, catalogue.EGRESS_DURATION, () => egress.durationSamples(known));
  expose(registry, catalogue.CONFIG_REVISION, () => generation.revision());
  expose(registry, catalogue.CONFIG_LAST_APPLY_SUCCESS, () => events.appliedSamples());
  expose(registry, catalogue.FLIPS, () => events.flipSamples());
  expose(registry, catalogue.HTTP_REQUESTS, () => events.httpSamples());
  expose(registry, catalogue.BUILD_INFO, () => [{ labels: { version, node: process.version }, value: 1 }]);
  collectDefaultMetrics({ register: registry });

  return {
    observe: calls.observe,
    countHttp: events.countHttp,
    countFlip: events.countFlip,
    countRestart: events.countRestart,
    countEgress: egress.count,
    countComparison: migration.countComparison,
    countDropped: migration.countDropped,
    countFallback: migration.countFallback,
    noteApply: events.noteApply,
    useGeneration: (current) => generation.use(current),
    useSamplesLost: (lost) => void (samplesLost = lost),
    render: (accept) => render(registry, accept),
  };
}
