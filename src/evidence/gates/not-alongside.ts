import type { BackendName } from '../../domain/backend.js';

/** Why the two sides' own calls say nothing yet: only those count that both had at the same time. */
export function notAlongside({ legacy, wasm }: Readonly<Record<BackendName, boolean>>): string {
  if (!wasm) return 'wasm has run no call yet';
  if (!legacy) return 'legacy has run no call yet';
  return 'legacy and wasm have run no calls at the same time yet, and others are not held against each other';
}
