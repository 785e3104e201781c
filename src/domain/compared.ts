import type { BackendName } from './backend.js';
import type { Comparison, Difference, Ended } from './comparison.js';
import type { LiveFunction } from './generation.js';

/** A call that both sides ran, and how they compare: made once, when the later side has ended. */
export interface Compared {
  /** What it was a call of, with the artefacts that ran. */
  readonly live: LiveFunction;
  readonly comparison: Comparison;
  readonly input: Uint8Array;
  readonly legacy: Ended;
  readonly wasm: Ended;
  /** The side that answered the caller. */
  readonly primary: BackendName;
  readonly requestId: string;
  /** The sticky key as a byte string. */
  readonly key: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Legacy was run twice on one input: wherever it differs from itself is noise. */
export interface NoiseRun {
  readonly live: LiveFunction;
  readonly differences: readonly Difference[];
}
