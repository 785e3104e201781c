import type { NativeInterface } from './native-function.js';
import type { Artefact } from './artefact.js';

/** What native code may reach, in the words that are also used for wasm. */
export interface Rights {
  /** Containment knows network or none. */
  readonly network: boolean;
  /** Whether it may start processes. */
  readonly spawn: boolean;
  /** Path inside to host path (`rw:` in front where writing is granted). */
  readonly paths: ReadonlyMap<string, string>;
}

/** What everything has in common that may share a process. */
export interface ProcessTerms {
  /** `in-process`: in the gateway itself, without containment or deadlines. */
  readonly isolation: 'process' | 'in-process';
  /** Plugins of one group share their children; null: children of its own. */
  readonly group: string | null;
  /** `required`: refused where it cannot be had whole; `preferred`: as much as can be had. */
  readonly containment: 'required' | 'preferred' | 'none';
  readonly rights: Rights;
  /** Most children of the pool. */
  readonly poolSize: number;
  /** Bytes of address space that the library may add to a child; null: no limit. */
  readonly memory: number | null;
  readonly restarts: { readonly max: number; readonly withinMs: number; readonly restMs: number };
  /** A child is replaced, without a failed call, after so many calls or bytes of growth; null: never for that. */
  readonly recycle: { readonly calls: number | null; readonly growth: number | null };
}

export interface NativeSpec extends NativeInterface, ProcessTerms {
  readonly kind: 'native';
  readonly plugin: string;
  readonly version: string;
  readonly library: Artefact;
  /** The environment that the library finds, besides what every child has. */
  readonly config: ReadonlyMap<string, string>;
  /** Bytes; an output over it is never read. */
  readonly outputLimit: number;
}
