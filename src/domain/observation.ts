import type { BackendName } from './backend.js';
import type { Role } from './call.js';
import type { Outcome } from './failure.js';

/** What one backend call did: made once, where it ended, and never changed. Durations are milliseconds. */
export interface Observation {
  readonly plugin: string;
  readonly function: string;
  readonly backend: BackendName;
  readonly role: Role;
  readonly outcome: Outcome;
  /** From its arrival at the queue until it was handed over, or given up. */
  readonly queueMs: number;
  /** After the queue, the hop to the backend included; null when the call was never handed over. */
  readonly callMs: number | null;
}
