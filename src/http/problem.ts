import type { BackendName } from '../domain/backend.js';
import type { Rejection } from '../domain/control.js';
import { type Failure, FAILURE_STATUSES } from '../domain/failure.js';
import type { FileProblem } from '../domain/generation.js';

/** What a listener refuses by itself, before anything behind it is asked. */
type ListenerRefusal =
  | { readonly code: 'unauthenticated'; readonly detail: string }
  | { readonly code: 'forbidden'; readonly detail: string }
  | { readonly code: 'misdirected-request'; readonly detail: string }
  | { readonly code: 'unsupported-media-type'; readonly detail: string }
  | { readonly code: 'precondition-required'; readonly detail: string }
  | { readonly code: 'internal'; readonly detail: string };

/** Everything that is answered by a problem document. */
export type Refusal = Failure | Rejection | ListenerRefusal;

type ProblemCode = Refusal['code'];

/** The title of every code; the only place where it is written. */
const TITLES: Readonly<Record<ProblemCode, string>> = {
  'bad-request': 'The request is malformed',
  unauthenticated: 'A token is needed',
  forbidden: 'This is not allowed',
  'unknown-plugin': 'There is no such plugin',
  'unknown-function': 'The plugin has no such function',
  'not-found': 'There is nothing here',
  'method-not-allowed': 'The method is not allowed here',
  conflict: 'The change conflicts with the present state',
  'precondition-failed': 'It was changed in the meantime',
  'input-too-large': 'The body is too large',
  'unsupported-media-type': 'The media type is not supported',
  'misdirected-request': 'This host is not served here',
  invalid: 'The request is well-formed but wrong',
  'precondition-required': 'An If-Match header is needed',
  cancelled: 'The caller hung up',
  'plugin-error': 'The plugin reported an error',
  internal: 'The gateway failed',
  crashed: 'The process died during the call',
  trapped: 'The module trapped',
  'output-too-large': 'The output is too large',
  'bad-output': 'The output cannot be believed',
  overloaded: 'Too many calls are waiting',
  unavailable: 'The backend is not available',
  'store-unavailable': 'The store is not available',
  timeout: 'The deadline passed',
};

const STATUSES: Readonly<Record<ProblemCode, number>> = {
  ...FAILURE_STATUSES,
  unauthenticated: 401,
  forbidden: 403,
  conflict: 409,
  'precondition-failed': 412,
  'unsupported-media-type': 415,
  'misdirected-request': 421,
  invalid: 422,
  'precondition-required': 428,
  internal: 500,
  'store-unavailable': 503,
};

/** What is known of the request; what is absent or null is left out of the document. */
interface ProblemContext {
  readonly requestId: string;
  readonly plugin?: string | null;
  readonly function?: string | null;
  readonly backend?: BackendName | null;
}

/** An RFC 9457 problem document; members below `requestId` stand where they are known. */
interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly requestId: string;
  readonly plugin?: string;
  readonly function?: string;
  readonly backend?: BackendName;
  readonly pointer?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
  readonly problems?: readonly FileProblem[];
  readonly revision?: number;
}

interface ProblemAnswer {
  readonly status: number;
  /** `content-type`, and what the status asks for: `allow`, `retry-after`, `www-authenticate`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly document: ProblemDocument;
}

/** The answer to a request that was refused or failed. */
export function problemFor(refusal: Refusal, context: ProblemContext): ProblemAnswer {
  const status = STATUSES[refusal.code];
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headersOf(refusal) },
    document: {
      type: `urn:banyan:problem:${refusal.code}`,
      title: TITLES[refusal.code],
      status,
      detail: refusal.detail,
      code: refusal.code,
      requestId: context.requestId,
      ...(context.plugin ? { plugin: context.plugin } : {}),
      ...(context.function ? { function: context.function } : {}),
      ...(context.backend ? { backend: context.backend } : {}),
      ...extensionsOf(refusal),
    },
  };
}

function headersOf(refusal: Refusal): Readonly<Record<string, string>> {
  switch (refusal.code) {
    case 'method-not-allowed':
      return { allow: refusal.allow.join(', ') };
    case 'overloaded':
    case 'unavailable':
      return { 'retry-after': String(Math.max(1, Math.ceil(refusal.retryAfterMs / 1000))) };
    case 'unauthenticated':
      return { 'www-authenticate': 'Bearer' };
    default:
      return {};
  }
}

function extensionsOf(refusal: Refusal): Partial<ProblemDocument> {
  switch (refusal.code) {
    case 'bad-request':
      return refusal.pointer === undefined ? {} : { pointer: refusal.pointer };
    case 'invalid':
      return { errors: refusal.errors, ...(refusal.problems === undefined ? {} : { problems: refusal.problems }) };
    case 'precondition-failed':
      return { revision: refusal.revision };
    default:
      return {};
  }
}
