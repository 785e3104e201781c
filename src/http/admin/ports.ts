import type { Control } from '../../domain/control.js';
import type { EventFeed } from '../../domain/event.js';
import type { Rollouts } from '../../domain/rollout.js';
import type { EvidencePort } from '../../domain/evidence.js';
import type { MismatchJournal } from '../../domain/mismatch.js';

interface AdminLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the admin listener needs of the rest of the gateway. */
export interface AdminPorts {
  readonly control: Control;
  readonly rollouts: Rollouts;
  readonly events: EventFeed;
  readonly evidence: Pick<EvidencePort, 'view'>;
  readonly mismatches: MismatchJournal;
  readonly readiness: () => 'starting' | 'ready' | 'draining';
  /** The metrics in the form that an `Accept` header asks for. */
  readonly metrics: (accept: string | undefined) => Promise<{ readonly contentType: string; readonly body: string }>;
  /** Told once for every response. */
  readonly countRequest: (status: number) => void;
  /** Names besides the loopback ones that `Host` may carry. */
  readonly hosts: readonly string[];
  readonly log: AdminLog;
}
