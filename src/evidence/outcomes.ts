import type { BackendName } from '../domain/backend.js';
import { BACKEND_NAMES } from '../domain/backend.js';
import type { Role } from '../domain/call.js';
import type { FailureCode, Outcome } from '../domain/failure.js';
import { FAILURE_STATUSES } from '../domain/failure.js';

export const ROLES = ['primary', 'shadow', 'fallback'] as const satisfies readonly Role[];

export const OUTCOMES: readonly Outcome[] = ['ok', ...(Object.keys(FAILURE_STATUSES) as FailureCode[])];

const PLACES: Readonly<Record<string, number>> = Object.fromEntries(OUTCOMES.map((outcome, at) => [outcome, at]));

/** Counters that one set of evidence has for calls. */
export const CALL_COUNTERS = BACKEND_NAMES.length * ROLES.length * OUTCOMES.length;

/** Where the counter of such calls stands. */
export function counterOf(backend: BackendName, role: Role, outcome: Outcome): number {
  const row = (backend === 'legacy' ? 0 : 3) + (role === 'primary' ? 0 : role === 'shadow' ? 1 : 2);
  return row * OUTCOMES.length + (PLACES[outcome] ?? 0);
}

/**
 * Whether a call that ended so says something about its backend. It does not where the caller left or asked for what
 * cannot be asked, or where the gateway had no room.
 */
export function tellsOfBackend(outcome: Outcome): boolean {
  return outcome !== 'cancelled' && outcome !== 'overloaded' && outcome !== 'bad-request';
}

/**
 * Whether a call that ended so says how long such calls take. One that was cut short does not, nor one that was refused,
 * or that broke; a time-out does: it is among the longest.
 */
export function tellsOfDuration(outcome: Outcome): boolean {
  return outcome === 'ok' || outcome === 'plugin-error' || outcome === 'timeout';
}
