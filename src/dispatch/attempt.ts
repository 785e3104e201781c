import type { BackendName } from '../domain/backend.js';
import { Call, type Role } from '../domain/call.js';
import { type CallRequest, isFailure } from '../domain/dispatch.js';
import { Failed, type Failure } from '../domain/failure.js';
import type { LiveBackend, LiveFunction } from '../domain/generation.js';
import type { Observation } from '../domain/observation.js';
import type { Reply } from '../domain/reply.js';
import type { Deadlines } from './deadline.js';

/** Told of every backend call, when it has ended. */
export type Observe = (observation: Observation, live: LiveFunction, result: Reply | Failure) => void;

export interface AttemptOptions {
  readonly deadlines: Deadlines;
  readonly observe: Observe;
  readonly now: () => number;
  /** Told of whatever an adapter rejects with that is no {@link Failed}: a mistake of ours. */
  readonly onDefect: (defect: unknown) => void;
}

/** What one backend call came to. */
export interface Made extends Pick<Observation, 'queueMs' | 'callMs' | 'hadItsTime'> {
  readonly result: Reply | Failure;
}

/** What of a request one backend call is made of. */
export type Wanted = Pick<CallRequest, 'input' | 'requestId' | 'key'> & {
  readonly role: Role;
  /** The call that asks for this one; none for one from outside. */
  readonly caller?: Call | null;
  /** When its waiting began, and when it is too late, on the monotonic clock. */
  readonly since: number;
  readonly deadline: number;
  /** Milliseconds that it has when nothing waits. */
  readonly timeoutMs: number;
  /** See {@link Observation.again}. */
  readonly again?: boolean;
};

export interface Attempt<T> {
  readonly ended: Promise<T>;
  readonly cancel: () => void;
}

/** Makes one backend call under a lease and a deadline; `ended` resolves to what `then` makes of it, and never rejects. */
export type MakeCall = <T>(
  live: LiveFunction,
  target: LiveBackend,
  wanted: Wanted,
  then: (made: Made) => T | Promise<T>,
) => Attempt<T>;

export function attempts(options: AttemptOptions): MakeCall {
  const { deadlines, observe, now, onDefect } = options;

  /** A defect must cost one call, not the process, and must not pass in silence. */
  function failureIn(error: unknown, backend: BackendName): Failure {
    if (error instanceof Failed) return error.failure;
    onDefect(error);
    return { code: 'unavailable', detail: `the ${backend} backend failed in an unforeseen way`, retryAfterMs: 1_000 };
  }

  return (live, target, wanted, then) => {
    const { role, since } = wanted;
    const call = new Call({
      plugin: live.plugin,
      function: live.spec.name,
      input: wanted.input,
      deadline: wanted.deadline,
      requestId: wanted.requestId,
      role,
      key: wanted.key,
      caller: wanted.caller ?? null,
    });
    const deadline = deadlines.arm(call);
    target.acquire();

    const end = (result: Reply | Failure) => {
      const endedAt = now();
      target.release();
      deadlines.cancel(deadline);
      call.onStop = null;
      // One that was handed over may still have waited there until it was too late.
      const hasRun = !Number.isNaN(call.handedOverAt) && !neverBegan(result);
      const queueMs = (hasRun ? call.handedOverAt : endedAt) - since;
      const callMs = hasRun ? endedAt - call.handedOverAt : null;
      const hadItsTime = callMs !== null && !(isTimeout(result) && callMs < wanted.timeoutMs * NEARLY_ALL);
      const observation = {
        plugin: live.plugin,
        function: live.spec.name,
        backend: target.name,
        role,
        again: wanted.again ?? false,
        outcome: isFailure(result) ? result.code : ('ok' as const),
        queueMs,
        callMs,
        hadItsTime,
      };
      observe(observation, live, result);
      return then({ result, queueMs, callMs, hadItsTime });
    };
    const ended = target.backend.call(call).then(end, (error: unknown) => end(failureIn(error, target.name)));
    return { ended, cancel: () => call.stop('cancelled') };
  };
}

/** Of its time, what a call has to have had so that running out of it says something about what ran it. */
const NEARLY_ALL = 0.9;

function isTimeout(result: Reply | Failure): boolean {
  return isFailure(result) && result.code === 'timeout';
}

function neverBegan(result: Reply | Failure): boolean {
  return isFailure(result) && 'begun' in result && !result.begun;
}
