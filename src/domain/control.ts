import type { GateVerdict } from './evidence.js';
import type { FileProblem, Generation } from './generation.js';
import type { RouteInForce } from './route.js';
import type { Stage } from './stage.js';
import type { TripOf } from './trip.js';

/** What a writer believes to be current: ETags (revisions) of what it changes, or `*` to force. */
export type Precondition = readonly number[] | '*';

/** Who asks for a change, and why. */
export interface Author {
  readonly by: string;
  readonly comment: string | null;
}

/** One wish in a flip. `stage` null drops the route, so that a function follows its plugin again. */
export interface RouteEdit {
  readonly plugin: string;
  readonly function: string | null;
  readonly stage: Stage | null;
  /** On a plugin's route: drop the routes of its functions as well. */
  readonly cascade: boolean;
}

export interface Flip {
  readonly edits: readonly RouteEdit[];
  /** `route`: the precondition is about the one edited route; `all`: about the whole table. */
  readonly scope: 'route' | 'all';
  readonly precondition: Precondition;
  readonly dryRun: boolean;
  /** Retires legacy without proof; the history says so. */
  readonly force?: boolean;
  readonly author: Author;
}

/** What the evidence says about a function that is about to change its stage. */
export interface Advice {
  readonly plugin: string;
  readonly function: string;
  readonly verdicts: readonly GateVerdict[];
  /** What is missing for `retired`, where that is asked for; a sentence each. */
  readonly missing: readonly string[];
}

/** The edited routes as they are (or, in a dry run, would be) after the flip. */
export interface Flipped {
  readonly revision: number;
  readonly routes: readonly RouteInForce[];
  readonly warnings: readonly string[];
  /** Of a dry run. */
  readonly advice: readonly Advice[];
}

export interface Rollback {
  /** Default: the revision before the newest. */
  readonly revision: number | null;
  readonly plugin: string | null;
  readonly function: string | null;
  readonly precondition: Precondition;
  readonly author: Author;
}

/** A change of one stored route; null: no route of its own. */
export interface RouteChange {
  readonly plugin: string;
  readonly function: string | null;
  readonly from: Stage | null;
  readonly to: Stage | null;
}

export interface HistoryEntry {
  readonly revision: number;
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly comment: string | null;
  readonly changes: readonly RouteChange[];
}

export interface Reloaded {
  readonly revision: number;
  /** Plugin names. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: readonly string[];
}

/** The one way in which anything that calls go by is changed. Rejects with {@link Rejected} and then has changed nothing. */
export interface Control {
  current(): Generation;
  /** Every route: each plugin's, then its functions', in the order of the manifests. */
  routes(): readonly RouteInForce[];
  flip(flip: Flip): Promise<Flipped>;
  rollback(rollback: Rollback): Promise<Flipped>;
  reload(author: Author): Promise<Reloaded>;
  /** What the gateway took back by itself, in the order of the manifests. */
  trips(): readonly TripOf[];
  /** Takes a function back to legacy, or says something else of a trip that it has. In force at once; resolves when it is kept. */
  trip(trip: TripOf): Promise<void>;
  /**
   * Ends the trips of a function, or of all of a plugin's; with `since` only one that began then. Rejects with `not-found`
   * where there is none.
   */
  endTrips(
    target: { readonly plugin: string; readonly function: string | null; readonly since?: string },
    author: Author,
  ): Promise<readonly TripOf[]>;
  /** Keeps trips, and ends of trips, that could not be kept; does nothing where there are none. */
  keepTrips(): Promise<void>;
  /** Newest first, at most `limit`. */
  history(limit: number): Promise<readonly HistoryEntry[]>;
}

/** Why a change was not made. */
export type Rejection =
  | { readonly code: 'unknown-plugin'; readonly detail: string }
  | { readonly code: 'unknown-function'; readonly detail: string }
  | { readonly code: 'not-found'; readonly detail: string }
  | {
      readonly code: 'invalid';
      readonly detail: string;
      /** JSON pointers into the request's body. */
      readonly errors: readonly { readonly pointer: string; readonly message: string }[];
      /** Mistakes in files, when a reload was refused. */
      readonly problems?: readonly FileProblem[];
    }
  | { readonly code: 'precondition-failed'; readonly detail: string; readonly revision: number }
  | { readonly code: 'conflict'; readonly detail: string }
  | { readonly code: 'store-unavailable'; readonly detail: string };

export class Rejected extends Error {
  override readonly name = 'Rejected';
  readonly rejection: Rejection;

  constructor(rejection: Rejection, options?: ErrorOptions) {
    super(`${rejection.code}: ${rejection.detail}`, options);
    this.rejection = rejection;
  }
}
