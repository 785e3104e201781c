import type { GatewayEvent } from '../domain/event.js';
import { backendsOf } from './build.js';
import type { Built } from './build.js';
import type { OwnedBackend } from './lease.js';

/**
 * Tells of each backend that has come into force, and from then on whenever its state changes. One that is no longer
 * in force is heard no more: its last words would be taken for those of its successor.
 */
export function announce(
  before: readonly Built[],
  after: readonly Built[],
  onEvent: (event: GatewayEvent) => void,
): void {
  const known = new Set<OwnedBackend>(backendsOf(before));
  const inForce = new Set<OwnedBackend>(backendsOf(after));
  for (const backend of known) if (!inForce.has(backend)) backend.onState = null;
  for (const { plugin, ...sides } of after) {
    for (const backend of [sides.legacy, sides.wasm]) {
      const spec = backend === null ? null : plugin.backends[backend.name];
      if (backend === null || spec === null || known.has(backend)) continue;
      backend.onState = (state) =>
        onEvent({ type: 'backend', plugin: plugin.name, backend: backend.name, spec, state });
      backend.onState(backend.state());
    }
  }
}
