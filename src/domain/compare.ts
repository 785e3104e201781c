import type { Comparison, Ended } from './comparison.js';
import type { PluginFunction } from './plugin.js';

/**
 * Compares how both sides of a call ended, by the function's rule. What takes long (large documents, a module of the
 * operator's own) is done elsewhere and comes as a promise: of null where too much waits there already, and nothing was
 * compared. Neither throws nor rejects: a rule that fails is a mismatch that says so.
 */
export type Compare = (spec: PluginFunction, legacy: Ended, wasm: Ended) => Comparison | Promise<Comparison | null>;
