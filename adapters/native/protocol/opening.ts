import type { NativeFunction, NativeInterface } from '../../../src/domain/native-function.js';

/**
 * What a child is told to load; its first frame. The frame's body is this as JSON, between its length (u32) and the
 * bytes of the libraries, in order.
 */
export interface Opening {
  /** Bytes of address space that the libraries may add; null: no limit. */
  readonly memory: number | null;
  readonly libraries: readonly LibraryOpening[];
}

export interface LibraryOpening extends Omit<NativeInterface, 'functions'> {
  readonly plugin: string;
  readonly path: string;
  readonly sha256: string;
  /** How many bytes of the library the frame brings; null: it asks where it lies, and is loaded from its path. */
  readonly size: number | null;
  readonly config: Readonly<Record<string, string>>;
  readonly outputLimit: number;
  /** A call names its function by `id`. */
  readonly functions: readonly { readonly id: number; readonly name: string; readonly declared: NativeFunction }[];
}

/** The body of `ready`: what could not be denied, a sentence each. */
export interface Opened {
  readonly missing: readonly string[];
}

/** The body of `refused`: mistakes by the library's index. */
export type Refusals = readonly {
  readonly library: number;
  readonly problems: readonly { readonly pointer: string; readonly message: string }[];
}[];

/** The frame's body. */
export function encodeOpening(opening: Opening, libraries: readonly Uint8Array[]): Buffer {
  const json = Buffer.from(JSON.stringify(opening));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, ...libraries]);
}

/** The opening, with each library's bytes: views of `body`, null for one that is loaded from its path. */
export function decodeOpening(body: Buffer): { opening: Opening; bytes: readonly (Buffer | null)[] } {
  const end = 4 + body.readUInt32LE(0);
  const opening = JSON.parse(body.toString('utf8', 4, end)) as Opening;
  let at = end;
  const bytes = opening.libraries.map(({ size }) => (size === null ? null : body.subarray(at, (at += size))));
  return { opening, bytes };
}

/** Places in the manifest that an adapter can blame. Native code is always a plugin's legacy side. */
export const AT = {
  backend: '/backends/legacy',
  library: '/backends/legacy/library',
  free: '/backends/legacy/free',
  init: '/backends/legacy/init',
  shutdown: '/backends/legacy/shutdown',
  lastError: '/backends/legacy/last_error',
  type: (name: string): string => `/backends/legacy/types/${name}`,
  group: '/backends/legacy/group',
  containment: '/backends/legacy/containment',
  isolation: '/backends/legacy/isolation',
  config: (name: string): string => `/backends/legacy/config/${name}`,
  function: (name: string): string => `/backends/legacy/functions/${name}`,
} as const;
