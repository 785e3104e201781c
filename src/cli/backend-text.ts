import type { BackendView } from '../schema/api.js';

/** A backend in few words: `native 1.4.0 ready, half open, contained`, `wasm 1.0.1 ready, untried`. */
export function backendText(backend: BackendView | undefined): string {
  if (backend === undefined) return '-';
  const { kind, version, state, halfOpen, untried } = backend;
  const words = [
    `${kind} ${version} ${state}`,
    halfOpen === true ? 'half open' : null,
    untried === true ? 'untried' : null,
    containmentText(backend),
  ];
  return words.filter((word) => word !== null).join(', ');
}

/** How far a backend's code is held back, as it is in force; null where nothing is known of it. */
function containmentText({ containment, isolation }: BackendView): string | null {
  if (isolation === 'in-process') return 'in process, not contained';
  if (containment === undefined) return null;
  const { network, files, processes, missing } = containment;
  if (network === 'all' && files === 'all' && processes === 'allowed') return 'not contained';
  return missing.length > 0 ? 'partly contained' : 'contained';
}

/** What keeps a backend that is ready from being as it should. */
export function reservationsOf(backend: BackendView | undefined): readonly string[] {
  const missing = backend?.containment?.missing ?? [];
  return [
    ...(backend?.halfOpen === true ? ['half open: one call at a time is tried, until one has gone well'] : []),
    ...(backend === undefined || missing.length === 0
      ? []
      : [`${containmentText(backend) ?? ''}: ${missing.join('; ')}`]),
  ];
}
