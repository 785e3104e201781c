import type { BackendName } from './backend.js';
import type { Ended } from './comparison.js';
import type { LiveFunction } from './generation.js';

/** A sampled call whose caller has its answer. */
export interface Sampled {
  readonly live: LiveFunction;
  readonly input: Uint8Array;
  readonly requestId: string;
  /** The sticky key as a byte string; null without one. */
  readonly key: string | null;
  /** The side that ran it for the caller, and how it ended there. */
  readonly primary: BackendName;
  readonly ended: Ended;
}

/** Why a sampled call was not compared. */
export type DropReason =
  /** The function may not be run twice. */
  | 'unsafe'
  /** The gateway has no capacity to spare. */
  | 'busy'
  /** As many of this function wait as may. */
  | 'queue-full'
  /** All that wait take as much memory as they may. */
  | 'memory'
  /** It waited until it was too late. */
  | 'expired'
  /** The other side takes no calls. */
  | 'unavailable'
  /** By a flip, a trip or a reload it is not wanted any more. */
  | 'replaced'
  /** As many comparisons wait as may. */
  | 'comparer-busy'
  /** What compares, which may be a module of the operator's, cannot be loaded. */
  | 'comparer-unavailable'
  /** What compares has failed at it: a module of the operator's, or the comparison of large documents. */
  | 'comparer-failed'
  /** The gateway is on its way out. */
  | 'stopping';

export const DROP_REASONS = [
  'unsafe',
  'busy',
  'queue-full',
  'memory',
  'expired',
  'unavailable',
  'replaced',
  'comparer-busy',
  'comparer-unavailable',
  'comparer-failed',
  'stopping',
] as const satisfies readonly DropReason[];

export function otherThan(side: BackendName): BackendName {
  return side === 'legacy' ? 'wasm' : 'legacy';
}
