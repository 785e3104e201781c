import type { EgressOutcome } from '../domain/backend.js';
import type { Known } from './call-metrics.js';
import { EGRESS_DURATION } from './catalogue.js';
import type { Sample } from './collector.js';
import { HistogramTable } from './histogram-table.js';

/** Every outcome is written once a plugin has one, or `increase()` would miss the first of each. */
const NONE: Readonly<Record<EgressOutcome, number>> = {
  answered: 0,
  denied: 0,
  invalid: 0,
  failed: 0,
  timeout: 0,
  'too-large': 0,
  'given-up': 0,
};

interface Counts {
  /** In the table of durations. */
  readonly row: number;
  readonly outcomes: Record<EgressOutcome, number>;
}

/** What guests ask the network for, by their plugin. */
export class EgressMetrics {
  readonly #plugins = new Map<string, Counts>();
  readonly #durations = new HistogramTable();

  readonly count = (plugin: string, outcome: EgressOutcome, durationMs: number): void => {
    let counts = this.#plugins.get(plugin);
    if (counts === undefined) this.#plugins.set(plugin, (counts = { row: this.#plugins.size, outcomes: { ...NONE } }));
    counts.outcomes[outcome] += 1;
    this.#durations.record(counts.row, durationMs);
  };

  *requestSamples(known: Known): Generator<Sample> {
    for (const [plugin, { outcomes }] of this.#plugins) {
      if (!known(plugin, null)) continue;
      for (const [outcome, value] of Object.entries(outcomes)) yield { labels: { plugin, outcome }, value };
    }
  }

  *durationSamples(known: Known): Generator<Sample> {
    for (const [plugin, { row }] of this.#plugins)
      if (known(plugin, null)) yield* this.#durations.samples(row, EGRESS_DURATION.name, { plugin });
  }
}
