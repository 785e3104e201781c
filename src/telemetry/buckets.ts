/**
 * Upper bounds of every duration histogram, in seconds: dense from 50 µs to 10 ms, where an in-process port differs from
 * the library that it replaces, and the usual 1-2.5-5 above.
 */
export const BUCKET_BOUNDS: readonly number[] = [
  0.00005, 0.0001, 0.0002, 0.0003, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1,
  0.25, 0.5, 1, 2.5, 5, 10,
];

/** Buckets of a histogram, the one without an upper bound included. */
export const BUCKET_COUNT = BUCKET_BOUNDS.length + 1;

/** The `le` label of each bucket in OpenMetrics' canonical form (`5e-05`, `1.0`), which the text form may use as well. */
export const BUCKET_LABELS: readonly string[] = [...BUCKET_BOUNDS.map(canonical), '+Inf'];

const BOUNDS_MS = Float64Array.from(BUCKET_BOUNDS, (seconds) => seconds * 1_000);

/** The bucket that a duration belongs to: the first whose bound is not below it. */
export function bucketOfMs(ms: number): number {
  let low = 0;
  let high = BOUNDS_MS.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ms <= (BOUNDS_MS[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function canonical(bound: number): string {
  if (Number.isInteger(bound)) return `${bound}.0`;
  return bound < 1e-4 ? bound.toExponential().replace(/e-(\d)$/, 'e-0$1') : String(bound);
}
