import type { BackendName } from '../domain/backend.js';
import { Call, type Role } from '../domain/call.js';
import type { CallRequest } from '../domain/dispatch.js';
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

/** What one backend call came to. Milliseconds; `callMs` is null when it was never handed over. */
export interface Made {
  readonly result: Reply | Failure;
  readonly queueMs: number;
  readonly callMs: number | null;
}

/** What of a request one backend call is made of. */
export type Wanted = Pick<CallRequest, 'input' | 'requestId' | 'key' | 'caller'> & {
  readonly role: Role;
  /** When its waiting began, and when it is too late, on the monotonic clock. */
  readonly since: number;
  readonly deadline: number;
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
      const handedOver = !Number.isNaN(call.handedOverAt);
      const queueMs = (handedOver ? call.handedOverAt : endedAt) - since;
      const callMs = handedOver ? endedAt - call.handedOverAt : null;
      const outcome = 'code' in result ? result.code : 'ok';
      observe(
        { plugin: live.plugin, function: live.spec.name, backend: target.name, role, outcome, queueMs, callMs },
        live,
        result,
      );
      return then({ result, queueMs, callMs });
    };
    const ended = target.backend.call(call).then(end, (error: unknown) => end(failureIn(error, target.name)));
    return { ended, cancel: () => call.stop('cancelled') };
  };
}
