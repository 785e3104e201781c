/** The unit of the buckets, 0.1 µs, in milliseconds. */
const UNIT_MS = 1e-4;
/** Buckets per doubling: each is at most 1/64 of its lower edge wide. */
export const PER_OCTAVE = 64;
/** Doublings from the unit on: up to 107 s. */
const OCTAVES = 30;
export const BUCKETS = OCTAVES * PER_OCTAVE;

/** The bucket of a duration; the first one takes what is shorter than the unit as well, the last one what is longer than all. */
export function bucketOf(ms: number): number {
  const units = ms * (1 / UNIT_MS);
  if (!(units >= 1)) return 0;
  if (units >= 2 ** OCTAVES) return BUCKETS - 1;
  const octave = 31 - Math.clz32(units);
  return octave * PER_OCTAVE + (((units / (1 << octave) - 1) * PER_OCTAVE) | 0);
}

/** Milliseconds; nothing in the bucket is shorter. */
export function lowerEdge(bucket: number): number {
  return bucket === 0 ? 0 : edge(bucket);
}

/** Milliseconds; everything in the bucket is shorter. */
export function upperEdge(bucket: number): number {
  return bucket === BUCKETS - 1 ? Number.POSITIVE_INFINITY : edge(bucket + 1);
}

/** Milliseconds: what a duration in the bucket is taken for. */
export function middle(bucket: number): number {
  return (edge(bucket) + edge(bucket + 1)) / 2;
}

function edge(bucket: number): number {
  const octave = Math.floor(bucket / PER_OCTAVE);
  return UNIT_MS * 2 ** octave * (1 + (bucket % PER_OCTAVE) / PER_OCTAVE);
}
