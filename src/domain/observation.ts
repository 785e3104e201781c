import type { BackendName } from './backend.js';
import type { Role } from './call.js';
import type { Outcome } from './failure.js';

/** What one backend call did: made once, where it ended, and never changed. Durations are milliseconds. */
export interface Observation {
  readonly plugin: string;
  readonly function: string;
  readonly backend: BackendName;
  readonly role: Role;
  /** A second run on the same side, to see how that differs from itself: counted, but no evidence of its own. */
  readonly again: boolean;
  readonly outcome: Outcome;
  /** From its arrival at the queue until it was handed over, or given up without having begun. */
  readonly queueMs: number;
  /** After the queue, the hop to the backend included; null when the call never began, as far as that is known. */
  readonly callMs: number | null;
  /** False for one that never began, and for a time-out of which the queue had taken a part: neither tells of the backend. */
  readonly hadItsTime: boolean;
}
