import type { Incoming } from './channel/inbox.js';

/** Runs one function on one call, and posts exactly one answer. */
export type Runner = (call: Incoming, text: (call: Incoming) => string) => void;
