import type { Trip } from '#src/domain/trip.js';

/** A trip of a module that trapped, but for what is given. */
export function tripped(given: Partial<Trip> = {}): Trip {
  return {
    since: '2026-11-22T10:00:00Z',
    cause: 'trapped',
    detail: 'unreachable',
    stage: 'wasm',
    figures: {},
    mirror: 0,
    probeAt: null,
    halfOpen: false,
    ...given,
  };
}
