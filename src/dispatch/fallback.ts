import { isFailure } from '../domain/dispatch.js';
import type { Failure } from '../domain/failure.js';
import type { LiveBackend, LiveFunction } from '../domain/generation.js';
import { isInfrastructure } from '../domain/infrastructure.js';
import type { Choice } from '../domain/choose.js';
import type { Reply } from '../domain/reply.js';

/** Whether legacy answers when wasm fails: the stage says so, there is one that could, and the call may be run twice. */
export function mayFallBack(live: LiveFunction, { backend, reason }: Choice): boolean {
  const stage = live.route.effective;
  // Whoever forces a side wants to see what that side does.
  if (backend !== 'wasm' || reason === 'override' || live.spec.effects === 'unsafe') return false;
  return (stage.stage === 'canary' || stage.stage === 'wasm') && stage.fallback && couldAnswer(live.legacy);
}

/** Time is kept back for those alone that may make use of it. */
function couldAnswer(legacy: LiveBackend | null): boolean {
  switch (legacy?.state().state) {
    case undefined:
    case 'refused':
    case 'tripped':
    case 'unloaded':
      return false;
    default:
      return true;
  }
}

/** Whether legacy is asked after this failure of wasm. A full queue is made good as well: nothing of the call has run. */
export function isMadeGood(failure: Failure): boolean {
  return isInfrastructure(failure.code) || failure.code === 'overloaded';
}

/** Whether legacy, asked in wasm's stead, did not run the call either: then wasm's own failure says more. */
export function sayNothing(failure: Failure): boolean {
  if (failure.code === 'timeout') return !failure.begun;
  return failure.code === 'overloaded' || failure.code === 'unavailable';
}

/** Whether legacy, asked in wasm's stead, was stopped by its caller, or by what wasm had left of the time: no outcome to compare. */
export function wasCutShort(result: Reply | Failure): boolean {
  return isFailure(result) && (result.code === 'cancelled' || result.code === 'timeout');
}
