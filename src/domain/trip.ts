import type { StageName } from './stage.js';

/** When wasm is taken out of the callers' way without anybody being asked, and when it is tried again. */
export interface TripRule {
  /** Infrastructure failures in a row; null: not by this. */
  readonly consecutive: number | null;
  /** Share of failures, in percent, of at least `calls` calls within the window; null: not by this. */
  readonly share: { readonly percent: number; readonly calls: number; readonly withinMs: number } | null;
  /** How long until wasm is tried again, a mirrored call at a time; null: it waits for an operator. */
  readonly restMs: number | null;
  /** Percent of calls that are mirrored to wasm meanwhile. */
  readonly mirror: number;
}

/** What the gateway took back by itself: kept beside the routes, it never changes them. */
export interface Trip {
  /** ISO 8601. */
  readonly since: string;
  /** A failure code, `gate` or `abort`. */
  readonly cause: string;
  readonly detail: string;
  /** The stage that was in force. */
  readonly stage: StageName;
  /** The figures that led to it. */
  readonly figures: Readonly<Record<string, number>>;
  /** Percent of calls that are mirrored meanwhile, where the function may be run twice. */
  readonly mirror: number;
  /** From when on wasm is tried again, ISO 8601; null: it waits for an operator. */
  readonly probeAt: string | null;
  /** Whether it is being tried again. */
  readonly halfOpen: boolean;
}

/** A trip and the function that it holds back. */
export interface TripOf {
  readonly plugin: string;
  readonly function: string;
  readonly trip: Trip;
}
