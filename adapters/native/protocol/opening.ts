import type { NativeFunction } from '../../../src/domain/plugin.js';

/** What a child is told to load; the body of its first frame. A call names a function by its index in `functions`. */
export interface Opening {
  readonly library: { readonly path: string; readonly sha256: string };
  readonly functions: readonly { readonly name: string; readonly declared: NativeFunction }[];
  readonly free: string;
  readonly memory: number | null;
  readonly outputLimit: number;
}

/** Places in the manifest that an adapter can blame. Native code is always a plugin's legacy side. */
export const AT = {
  backend: '/backends/legacy',
  library: '/backends/legacy/library',
  free: '/backends/legacy/free',
  function: (name: string): string => `/backends/legacy/functions/${name}`,
} as const;
