import type { Stage } from './stage.js';
import type { Trip } from './trip.js';

/**
 * A stored route: a plugin's own (`function` null) or that of one function. `stage` null says that it was dropped: the
 * revision of the drop is remembered, so that an ETag never comes back.
 */
export interface Route {
  readonly plugin: string;
  readonly function: string | null;
  readonly stage: Stage | null;
  /** The revision that last changed it. */
  readonly revision: number;
}

/** What is in force for one function: the operator's intent, and what the gateway makes of it. */
export interface RouteInForce {
  readonly plugin: string;
  readonly function: string | null;
  /** Whether the stage is the function's own, or its plugin's. */
  readonly own: boolean;
  readonly stage: Stage;
  readonly effective: Stage;
  /** The effective stage's `allow`, each key as the byte string that a header carries. */
  readonly allowed: ReadonlySet<string>;
  readonly tripped: Trip | null;
  readonly revision: number;
}
