import type { BackendName } from './backend.js';

/**
 * Every way in which a call can end without a reply: one member for each `code` of the outside interface, and
 * `cancelled` for a caller that hung up and whom nobody answers. `detail` is one sentence for a person.
 */
export type Failure =
  | { readonly code: 'unknown-plugin'; readonly detail: string }
  | { readonly code: 'unknown-function'; readonly detail: string }
  | { readonly code: 'not-found'; readonly detail: string }
  | { readonly code: 'method-not-allowed'; readonly detail: string; readonly allow: readonly string[] }
  | { readonly code: 'bad-request'; readonly detail: string; readonly pointer?: string }
  | { readonly code: 'input-too-large'; readonly detail: string; readonly limit: number }
  | { readonly code: 'overloaded'; readonly detail: string; readonly retryAfterMs: number }
  | { readonly code: 'unavailable'; readonly detail: string; readonly retryAfterMs: number }
  | { readonly code: 'timeout'; readonly detail: string; readonly begun: boolean }
  | { readonly code: 'crashed'; readonly detail: string; readonly signal?: string; readonly exitCode?: number }
  | { readonly code: 'trapped'; readonly detail: string }
  | { readonly code: 'plugin-error'; readonly detail: string; readonly status?: number }
  | { readonly code: 'output-too-large'; readonly detail: string; readonly limit: number }
  | { readonly code: 'bad-output'; readonly detail: string }
  | { readonly code: 'cancelled'; readonly detail: string; readonly begun: boolean };

export type FailureCode = Failure['code'];

/** The HTTP status that stands for a failure. */
export const FAILURE_STATUSES: Readonly<Record<FailureCode, number>> = {
  'bad-request': 400,
  'unknown-plugin': 404,
  'unknown-function': 404,
  'not-found': 404,
  'method-not-allowed': 405,
  'input-too-large': 413,
  // Nobody reads this answer; the status is the one that access logs have for it.
  cancelled: 499,
  'plugin-error': 500,
  crashed: 502,
  trapped: 502,
  'output-too-large': 502,
  'bad-output': 502,
  overloaded: 503,
  unavailable: 503,
  timeout: 504,
};

/** The outcome of one backend call, as metrics and evidence name it. */
export type Outcome = 'ok' | FailureCode;

/** The only error with which a {@link Backend} call rejects. */
export class Failed extends Error {
  override readonly name = 'Failed';
  readonly failure: Failure;
  /** The backend that failed; absent while none had been chosen. */
  readonly backend: BackendName | null;

  constructor(failure: Failure, backend: BackendName | null = null, options?: ErrorOptions) {
    super(`${failure.code}: ${failure.detail}`, options);
    this.failure = failure;
    this.backend = backend;
  }
}
