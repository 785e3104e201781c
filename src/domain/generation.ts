import type { Backend, BackendName, BackendState } from './backend.js';
import type { Plugin, PluginFunction } from './plugin.js';
import type { Route, RouteInForce } from './route.js';

/**
 * A backend as a generation holds it. Whoever calls it holds a lease from before the call until after its reply;
 * a retired one closes when its last lease is given back.
 */
export interface LiveBackend {
  readonly name: BackendName;
  readonly kind: string;
  readonly version: string;
  readonly sha256: string;
  /** SHA-256 of all that it runs: of the artefact alone its own, else of it with what it is linked to. */
  readonly digest: string;
  readonly backend: Backend;
  state(): BackendState;
  /** Calls that hold a lease now, queueing ones included. */
  inFlight(): number;
  acquire(): void;
  release(): void;
}

/** One callable function of a generation, with everything that a call needs, found by one look-up. */
export interface LiveFunction {
  readonly plugin: string;
  readonly spec: PluginFunction;
  readonly route: RouteInForce;
  readonly legacy: LiveBackend | null;
  readonly wasm: LiveBackend | null;
}

export interface LivePlugin {
  readonly plugin: Plugin;
  /** The plugin's own route, which functions without one follow. */
  readonly route: RouteInForce;
  readonly functions: ReadonlyMap<string, LiveFunction>;
  readonly legacy: LiveBackend | null;
  readonly wasm: LiveBackend | null;
}

/** A mistake in a file of the operator's, with its place. `line` and `column` start at 1. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The path of the key, dotted, as people write it. */
  readonly path: string;
  readonly message: string;
}

/** A plugin folder that could not be used, kept to be shown. */
export interface DisabledPlugin {
  readonly name: string;
  readonly problems: readonly FileProblem[];
}

/** The one mutable cell's content: an immutable snapshot of all that a call, the admin API and metrics look at. */
export interface Generation {
  readonly revision: number;
  readonly routes: readonly Route[];
  readonly plugins: ReadonlyMap<string, LivePlugin>;
  readonly disabled: ReadonlyMap<string, DisabledPlugin>;
}
