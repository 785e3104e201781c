import type { Artefact } from './artefact.js';
import type { HostGrant } from './host-grant.js';
import type { NativeSpec, ProcessTerms } from './native.js';

/** Whether a call may be run twice: `pure` has no effect, `idempotent` the same effect, `unsafe` anything. */
export type Effects = 'pure' | 'idempotent' | 'unsafe';

export interface CompareRule {
  readonly as: 'bytes' | 'text' | 'json';
  /** JSON pointers that do not count, with `*` for any member. */
  readonly ignore: readonly string[];
  /** Numbers nearer than this are equal; 0 asks for the same value. */
  readonly tolerance: number;
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
