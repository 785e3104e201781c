import type { BackendName, BackendState } from './backend.js';
import type { Difference } from './comparison.js';
import type { HistoryEntry, RouteChange } from './control.js';
import type { BackendSpec } from './plugin.js';
import type { Rollout } from './rollout.js';
import type { TripOf } from './trip.js';

/** What changed in the gateway, for whoever follows along. */
export type GatewayEvent =
  | {
      readonly type: 'route';
      readonly revision: number;
      readonly by: string;
      readonly comment: string | null;
      readonly changes: readonly RouteChange[];
      /** How many more there are; the history has them all. */
      readonly omitted: number;
    }
  /** A backend came into force, or one that is in force changed its state. */
  | {
      readonly type: 'backend';
      readonly plugin: string;
      readonly backend: BackendName;
      readonly spec: BackendSpec;
      readonly state: BackendState;
    }
  /** Calls of a function were taken back from wasm, or are given to it again (`ended`: by whom). */
  | { readonly type: 'trip'; readonly trip: TripOf; readonly ended: string | null }
  /** Both sides answered differently: not every time, but when something new is seen, and now and then. */
  | {
      readonly type: 'mismatch';
      readonly plugin: string;
      readonly function: string;
      readonly differences: readonly Difference[];
      /** Mismatches of this function, with these artefacts and this rule, so far. */
      readonly total: number;
    }
  /** A rollout has come into another state. */
  | { readonly type: 'rollout'; readonly plugin: string; readonly function: string | null; readonly rollout: Rollout }
  /** A reload; plugin names. */
  | {
      readonly type: 'plugin';
      readonly by: string;
      readonly comment: string | null;
      readonly added: readonly string[];
      readonly changed: readonly string[];
      readonly removed: readonly string[];
    };

/** An event with its number, which grows by one from each to the next, and its time (ISO 8601). */
export interface Recorded {
  readonly id: number;
  readonly at: string;
  readonly event: GatewayEvent;
}

/** Who follows along. None of these may throw. */
export interface Follower {
  /** There is a new event. */
  wake(): void;
  /** Some time has passed. */
  beat(): void;
  /** Nothing more will come. */
  end(): void;
}

/** The latest events. Followers read them at their own pace; whoever is too slow finds them gone. */
export interface EventFeed {
  /** The number of the newest event; while there is none, of the one before the first. */
  newest(): number;
  /** The number of the oldest event that is kept; while there is none, of the first. */
  oldest(): number;
  at(id: number): Recorded | undefined;
  /** Answers how to stop following; null when there are as many followers as there may be. */
  follow(follower: Follower): (() => void) | null;
}

/** A bulk change has up to 10,000 routes, and events stay in memory. */
const CHANGES_LISTED = 100;

export function routeEvent({ revision, by, comment, changes }: HistoryEntry): GatewayEvent {
  const listed = changes.slice(0, CHANGES_LISTED);
  return { type: 'route', revision, by, comment, changes: listed, omitted: changes.length - listed.length };
}
