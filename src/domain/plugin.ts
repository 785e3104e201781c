import type { Artefact } from './artefact.js';
import type { CompareRule, ReplyError } from './comparison.js';
import type { HostGrant } from './host-grant.js';
import type { NativeSpec, ProcessTerms } from './native.js';
import type { TripRule } from './trip.js';

/** Whether a call may be run twice: `pure` has no effect, `idempotent` the same effect, `unsafe` anything. */
export type Effects = 'pure' | 'idempotent' | 'unsafe';

/** What is taken out of a sample before it is written anywhere. */
export interface Redaction {
  /** JSON pointers (with `*` for any member) into inputs and outputs. */
  readonly pointers: readonly string[];
  /** Request headers, in lower case. */
  readonly headers: readonly string[];
}

/** What has to be proved before legacy may be unloaded. */
export interface RetireRule {
  readonly comparisons: number;
  /** Percent of comparisons that may differ. */
  readonly limit: number;
  /** How long legacy must not have answered a call. Milliseconds. */
  readonly quietMs: number;
}

export interface PluginFunction {
  readonly name: string;
  readonly effects: Effects;
  /** Media types. */
  readonly input: string;
  readonly output: string;
  readonly timeoutMs: number;
  /** The request header, in lower case, that carries the sticky key. */
  readonly keyHeader: string;
  readonly compare: CompareRule;
  readonly error: ReplyError | null;
  /** SHA-256 of what decides whether two outputs are the same: `compare`, `error` and the module that they name. */
  readonly compareDigest: string;
  /** Percent of the sampled calls for which legacy runs twice. */
  readonly noise: number;
  readonly redact: Redaction;
  readonly trip: TripRule;
  /** Percent of the time-out that is kept back for legacy, where it may answer for a failing wasm. */
  readonly fallbackReserve: number;
  readonly retire: RetireRule;
}

export interface WasmSpec {
  readonly kind: 'wasm';
  readonly plugin: string;
  readonly version: string;
  readonly module: Artefact;
  /** Function name to export name. */
  readonly functions: ReadonlyMap<string, string>;
  /** Further modules by the name that they are imported under. */
  readonly link: ReadonlyMap<string, Artefact>;
  /** Bytes of guest memory. */
  readonly memory: number;
  /** `fresh`: each call gets a new instance, so that nothing is left from one call to the next. */
  readonly instance: 'reuse' | 'fresh';
  readonly config: ReadonlyMap<string, string>;
  /** What the guest may reach; empty: nothing. */
  readonly hosts: readonly HostGrant[];
  /** Guest path to host path (`rw:` in front where writing is granted). */
  readonly paths: ReadonlyMap<string, string>;
  /** Functions that it may call through the gateway: `plugin/function`, or `plugin/*` for all of a plugin's. */
  readonly calls: readonly string[];
  /** `process`: in lanes of its own, in a process that is held back as `containment` says. */
  readonly isolation: 'thread' | 'process';
  /** As for native code; means nothing for threads. */
  readonly containment: ProcessTerms['containment'];
  readonly outputLimit: number;
}

export type BackendSpec = NativeSpec | WasmSpec;

/** What a backend runs. */
export function artefactOf(spec: BackendSpec): Artefact {
  return spec.kind === 'native' ? spec.library : spec.module;
}

/** A plugin as its folder declares it: everything checked that can be checked without running it. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  /** SHA-256 over manifest and artefacts: two plugins of equal digest are the same plugin. */
  readonly digest: string;
  readonly functions: ReadonlyMap<string, PluginFunction>;
  readonly limits: { readonly queue: number; readonly output: number };
  readonly backends: { readonly legacy: NativeSpec | null; readonly wasm: WasmSpec | null };
}
