import type { Artefact } from './artefact.js';
import type { Comparison, Ended } from './comparison.js';
import type { PluginFunction } from './plugin.js';

/** Why nothing was compared, which says nothing about either side. */
export type NotCompared =
  /** Too much waits already, or the gateway is on its way out. */
  | { readonly reason: 'comparer-busy' }
  /** What compares cannot be loaded, or has failed at these two; `why` is for people. */
  | { readonly reason: 'comparer-unavailable' | 'comparer-failed'; readonly why: string };

/** Why a module of the operator's cannot compare, in words that go on from its name; null: it can. Never rejects. */
export type TryComparer = (module: Artefact) => Promise<string | null>;

/**
 * Compares how both sides of a call ended, by the function's rule. What takes long (large documents, a module of the
 * operator's own) is done elsewhere and comes as a promise: of null where nothing was compared, and `onNone` has been
 * told why. Neither throws nor rejects.
 */
export type Compare = (
  spec: PluginFunction,
  legacy: Ended,
  wasm: Ended,
  onNone?: (none: NotCompared) => void,
) => Comparison | Promise<Comparison | null>;
