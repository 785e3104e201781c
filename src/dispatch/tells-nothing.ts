import { isFailure } from '../domain/dispatch.js';
import type { DropReason } from '../domain/mirror.js';
import type { Made } from './attempt.js';

/** Why how a call ended cannot be compared with how it ends elsewhere; null when it can. */
export function tellsNothing({ result, hadItsTime }: Made): DropReason | null {
  if (!isFailure(result)) return null;
  switch (result.code) {
    case 'overloaded':
    case 'unavailable':
      return 'unavailable';
    case 'cancelled':
      return 'stopping';
    default:
      return hadItsTime ? null : 'expired';
  }
}
