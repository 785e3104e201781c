import { BUCKETS, bucketOf, middle, PER_OCTAVE } from './buckets.js';

/** Buckets that are not empty, in ascending order, each with its count. */
export type LatencyCounts = readonly (readonly [bucket: number, count: number])[];

/**
 * A log-linear histogram of durations from 0.1 µs to 107 s, right to 1/64. It holds only the doublings between the
 * shortest and the longest duration: 512 bytes each, 15 KiB at most.
 */
export class Latencies {
  #counts = new Float64Array(0);
  /** The bucket of the first element. */
  #base = 0;

  /** Counts one duration in milliseconds; allocates only when it is shorter or longer than all before it by a doubling. */
  record(ms: number): void {
    this.#count(bucketOf(ms), 1);
  }

  add(counts: LatencyCounts): void {
    for (const [bucket, count] of counts) this.#count(bucket, count);
  }

  /**
   * Moves a share of what another one counts here, evenly over its durations, and empties it. Of how many there are over
   * any duration, what comes here is the share, rounded by a number in [0, 1).
   */
  takeFrom(other: Latencies, share: number, rounding: number): void {
    let due = rounding;
    // From the longest on, as they are counted by who asks how many took longer.
    for (let at = other.#counts.length - 1; at >= 0; at--) {
      const count = other.#counts[at] ?? 0;
      if (count === 0) continue;
      due += share * count;
      const whole = Math.floor(due);
      due -= whole;
      if (whole > 0) this.#count(other.#base + at, whole);
    }
    other.clear();
  }

  /** Keeps its room. */
  clear(): void {
    this.#counts.fill(0);
  }

  counts(): LatencyCounts {
    return [...this.#counts].flatMap((count, at) => (count > 0 ? [[this.#base + at, count] as const] : []));
  }

  total(): number {
    let total = 0;
    for (const count of this.#counts) total += count;
    return total;
  }

  /** Milliseconds that so great a share of them do not exceed; NaN of nothing. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.total()));
    let below = 0;
    for (const [at, count] of this.#counts.entries()) {
      below += count;
      if (below >= rank) return middle(this.#base + at);
    }
    return Number.NaN;
  }

  /** The bucket in which, counting from the longest duration, the one of this rank lies (1: the longest); -1 if there are fewer. */
  fromLongest(rank: number): number {
    let above = 0;
    for (let at = this.#counts.length - 1; at >= 0; at--) {
      above += this.#counts[at] ?? 0;
      if (above >= rank) return this.#base + at;
    }
    return -1;
  }

  #count(bucket: number, count: number): void {
    const at = bucket - this.#base;
    if (at >= 0 && at < this.#counts.length) this.#counts[at] = (this.#counts[at] ?? 0) + count;
    else this.#widen(bucket, count);
  }

  #widen(bucket: number, count: number): void {
    const octave = Math.floor(bucket / PER_OCTAVE) * PER_OCTAVE;
    const end = this.#base + this.#counts.length;
    const first = end === this.#base ? octave : Math.min(this.#base, octave);
    const last = Math.min(BUCKETS, Math.max(end, octave + PER_OCTAVE));
    const wider = new Float64Array(last - first);
    wider.set(this.#counts, this.#base - first < 0 ? 0 : this.#base - first);
    this.#counts = wider;
    this.#base = first;
    this.#count(bucket, count);
  }
}
