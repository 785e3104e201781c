import type { FailureCode } from './failure.js';

/**
 * Whether a failure is the infrastructure's and not the function's own answer: what legacy may make good, and what takes
 * calls back from wasm. A plugin that reports an error has worked; a caller that hung up or sent nonsense proves nothing.
 */
export function isInfrastructure(code: FailureCode): boolean {
  switch (code) {
    case 'trapped':
    case 'crashed':
    case 'timeout':
    case 'output-too-large':
    case 'bad-output':
    case 'unavailable':
      return true;
    case 'overloaded':
    case 'plugin-error':
    case 'cancelled':
    case 'bad-request':
    case 'input-too-large':
    case 'unknown-plugin':
    case 'unknown-function':
    case 'not-found':
    case 'method-not-allowed':
      return false;
    default:
      return code satisfies never;
  }
}
