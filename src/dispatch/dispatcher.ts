import type { BackendName } from '../domain/backend.js';
import { Call } from '../domain/call.js';
import { choose } from '../domain/choose.js';
import type { Choice } from '../domain/choose.js';
import type { Answer, CallRequest, Dispatched, Dispatcher } from '../domain/dispatch.js';
import { Failed } from '../domain/failure.js';
import type { Failure } from '../domain/failure.js';
import type { Generation, LiveFunction } from '../domain/generation.js';
import type { Observation } from '../domain/observation.js';
import type { Reply } from '../domain/reply.js';
import type { Deadlines } from './deadline.js';

interface DispatcherOptions {
  /** The cell: read once a call. */
  readonly current: () => Generation;
  readonly deadlines: Deadlines;
  readonly observe: (observation: Observation) => void;
  readonly random?: () => number;
  readonly now?: () => number;
  /** Told of whatever an adapter rejects with that is no {@link Failed}: a mistake of ours. */
  readonly onDefect: (defect: unknown) => void;
}

/** The one path of a call: find, choose, lease, call, observe, answer. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { current, deadlines, observe, onDefect, random = Math.random, now = () => performance.now() } = options;

  function run(live: LiveFunction, choice: Choice, request: CallRequest, revision: number): Dispatched {
    const target = live[choice.backend];
    if (target === null) return { answer: Promise.resolve(absent(live, choice, revision)), cancel: () => undefined };

    const call = new Call({
      plugin: live.plugin,
      function: live.spec.name,
      input: request.input,
      deadline: Math.min(request.receivedAt + live.spec.timeoutMs, request.caller?.deadline ?? Infinity),
      requestId: request.requestId,
      role: 'primary',
      key: request.key,
      caller: request.caller ?? null,
    });
    const deadline = deadlines.arm(call);
    target.acquire();

    const end = (result: Reply | Failure): Answer => {
      const endedAt = now();
      target.release();
      deadlines.cancel(deadline);
      call.onStop = null;
      const handedOver = !Number.isNaN(call.handedOverAt);
      const queueMs = (handedOver ? call.handedOverAt : endedAt) - request.receivedAt;
      const callMs = handedOver ? endedAt - call.handedOverAt : null;
      observe({
        plugin: live.plugin,
        function: live.spec.name,
        backend: choice.backend,
        role: 'primary',
        outcome: 'code' in result ? result.code : 'ok',
        queueMs,
        callMs,
      });
      return { result, backend: choice.backend, reason: choice.reason, revision, queueMs, callMs: callMs ?? 0 };
    };
    const fail = (error: unknown): Answer =>
      end(error instanceof Failed ? error.failure : defect(error, choice.backend));

    return { answer: target.backend.call(call).then(end, fail), cancel: () => call.stop('cancelled') };
  }

  /** A defect must cost one call, not the process, and must not pass in silence. */
  function defect(error: unknown, backend: BackendName): Failure {
    onDefect(error);
    return { code: 'unavailable', detail: `the ${backend} backend failed in an unforeseen way`, retryAfterMs: 1_000 };
  }

  return {
    find(plugin, functionName) {
      const found = look(current(), plugin, functionName);
      return 'code' in found ? found : found.spec;
    },
    dispatch(request) {
      const generation = current();
      const live = look(generation, request.plugin, request.function);
      if ('code' in live) {
        const { revision } = generation;
        const answer = { result: live, backend: null, reason: null, revision, queueMs: 0, callMs: 0 };
        return { answer: Promise.resolve(answer), cancel: () => undefined };
      }
      const choice = choose(live.route, { key: request.key, forced: request.forced, random });
      return run(live, choice, request, generation.revision);
    },
  };
}

function look(generation: Generation, plugin: string, functionName: string): LiveFunction | Failure {
  const live = generation.plugins.get(plugin);
  if (live === undefined) {
    return generation.disabled.has(plugin)
      ? { code: 'unavailable', detail: `plugin ${plugin} is disabled: its manifest has mistakes`, retryAfterMs: 10_000 }
      : { code: 'unknown-plugin', detail: `no plugin is called ${plugin}` };
  }
  return (
    live.functions.get(functionName) ?? {
      code: 'unknown-function',
      detail: `plugin ${plugin} has no function ${functionName}`,
    }
  );
}

function absent(live: LiveFunction, choice: Choice, revision: number): Answer {
  const result: Failure = {
    code: 'unavailable',
    detail: `plugin ${live.plugin} has no ${choice.backend} backend`,
    retryAfterMs: 10_000,
  };
  return { result, backend: choice.backend, reason: choice.reason, revision, queueMs: 0, callMs: 0 };
}
