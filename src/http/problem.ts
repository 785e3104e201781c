import type { BackendName } from '../domain/backend.js';
import type { Rejection } from '../domain/control.js';
import type { Failure } from '../domain/failure.js';
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

/** The status and title of every code; the only place where either is written. */
const PROBLEMS: Readonly<Record<ProblemCode, { readonly status: number; readonly title: string }>> = {
  'bad-request': { status: 400, title: 'The request is malformed' },
  unauthenticated: { status: 401, title: 'A token is needed' },
  forbidden: { status: 403, title: 'This is not allowed' },
  'unknown-plugin': { status: 404, title: 'There is no such plugin' },
  'unknown-function': { status: 404, title: 'The plugin has no such function' },
  'not-found': { status: 404, title: 'There is nothing here' },
  'method-not-allowed': { status: 405, title: 'The method is not allowed here' },
  conflict: { status: 409, title: 'The change conflicts with the present state' },
  'precondition-failed': { status: 412, title: 'It was changed in the meantime' },
  'input-too-large': { status: 413, title: 'The body is too large' },
  'unsupported-media-type': { status: 415, title: 'The media type is not supported' },
  'misdirected-request': { status: 421, title: 'This host is not served here' },
  invalid: { status: 422, title: 'The request is well-formed but wrong' },
  'precondition-required': { status: 428, title: 'An If-Match header is needed' },
  // Nobody reads this answer; the status is the one that access logs have for it.
  cancelled: { status: 499, title: 'The caller hung up' },
  'plugin-error': { status: 500, title: 'The plugin reported an error' },
  internal: { status: 500, title: 'The gateway failed' },
  crashed: { status: 502, title: 'The native process died during the call' },
  trapped: { status: 502, title: 'The module trapped' },
  'output-too-large': { status: 502, title: 'The output is too large' },
  'bad-output': { status: 502, title: 'The output cannot be believed' },
  overloaded: { status: 503, title: 'Too many calls are waiting' },
  unavailable: { status: 503, title: 'The backend is not available' },
  'store-unavailable': { status: 503, title: 'The store is not available' },
  timeout: { status: 504, title: 'The deadline passed' },
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
  const { status, title } = PROBLEMS[refusal.code];
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headersOf(refusal) },
    document: {
      type: `urn:banyan:problem:${refusal.code}`,
      title,
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
