import type { Backoff } from '../../../src/domain/restart-window.js';
import { type Environment, scrubbed } from './launch/environment.js';

/** What the adapter depends on besides a backend's specification. */
export interface NativeSettings {
  /** All of a child's environment. */
  readonly environment: Environment;
  /** Milliseconds on this process's monotonic clock. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly backoff: Backoff;
  /** A library that has not finished loading after this time is refused. */
  readonly loadTimeoutMs: number;
  /** A child that begins nothing for this time although it has calls is replaced when one of them runs out of time. */
  readonly stuckMs: number;
  /** How long an idle child may take to leave when it is closed. */
  readonly graceMs: number;
  /** How often the memory of children that may grow only so much is looked at. */
  readonly lookMs: number;
  /** Whether a process in reserve is kept of each profile in use. */
  readonly spares: boolean;
  /** The program that makes sandboxes; null: none is used. Default: `bwrap`. */
  readonly bubblewrap?: string | null | undefined;
  /** Folders that libraries may depend on: seen in every sandbox. */
  readonly libraryRoots: readonly string[];
  /** Plugins whose library may run in the gateway itself. */
  readonly inProcess: readonly string[];
}

export type NativeOptions = Partial<NativeSettings>;

export function settingsOf(options: NativeOptions): NativeSettings {
  return {
    environment: scrubbed(process.env),
    now: () => performance.now(),
    random: Math.random,
    // What ends a crash loop is the budget of restarts; the delay takes the heat out of it and stays below most
    // deadlines, so that calls which come in between wait instead of failing.
    backoff: { baseMs: 20, maxMs: 500 },
    loadTimeoutMs: 10_000,
    stuckMs: 1_000,
    graceMs: 1_000,
    lookMs: 1_000,
    spares: true,
    libraryRoots: [],
    inProcess: [],
    ...options,
  };
}
