import { BUCKET_COUNT, BUCKET_LABELS, bucketOfMs } from './buckets.js';
import { grown } from './grown.js';
import type { Labels, Sample } from './collector.js';

const ROWS_AT_FIRST = 16;

/** `le` label sets, made once: they are the same for every series of every histogram. */
const LE = BUCKET_LABELS.map((le) => ({ le }));

/** Duration histograms of many series, a row each, in three typed arrays: recording allocates nothing and hashes nothing. */
export class HistogramTable {
  #counts = new Float64Array(ROWS_AT_FIRST * BUCKET_COUNT);
  #sumsMs = new Float64Array(ROWS_AT_FIRST);

  /** Counts one duration in a row; rows come into being by being used. */
  record(row: number, ms: number): void {
    if (row >= this.#sumsMs.length) this.#grow(row);
    const at = row * BUCKET_COUNT + bucketOfMs(ms);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sumsMs[row] = (this.#sumsMs[row] ?? 0) + ms;
  }

  /** A row as cumulative buckets, sum and count in seconds; nothing for a row without samples. */
  *samples(row: number, name: string, labels: Labels): Generator<Sample> {
    const first = row * BUCKET_COUNT;
    const counts = this.#counts.subarray(first, first + BUCKET_COUNT);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return;
    let cumulative = 0;
    for (const [bucket, count] of counts.entries()) {
      cumulative += count;
      yield { metricName: `${name}_bucket`, labels: LE[bucket] ?? {}, sharedLabels: labels, value: cumulative };
    }
    yield { metricName: `${name}_sum`, labels: {}, sharedLabels: labels, value: (this.#sumsMs[row] ?? 0) / 1_000 };
    yield { metricName: `${name}_count`, labels: {}, sharedLabels: labels, value: total };
  }

  #grow(row: number): void {
    const rows = Math.max(row + 1, this.#sumsMs.length * 2);
    this.#counts = grown(this.#counts, rows * BUCKET_COUNT);
    this.#sumsMs = grown(this.#sumsMs, rows);
  }
}
