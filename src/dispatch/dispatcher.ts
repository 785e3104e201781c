import { choose, type Choice } from '../domain/choose.js';
import { type Answer, type CallRequest, type Dispatched, type Dispatcher, isFailure } from '../domain/dispatch.js';
import type { Failure, FailureCode } from '../domain/failure.js';
import type { Generation, LiveBackend, LiveFunction } from '../domain/generation.js';
import type { Sampled } from '../domain/mirror.js';
import { hundredths } from '../domain/stage.js';
import { attempts, type Attempt, type AttemptOptions, type Made, type Wanted } from './attempt.js';
import { isMadeGood, keptBack, mayFallBack, sayNothing, wasCutShort } from './fallback.js';
import type { Mirror } from './mirror.js';

interface DispatcherOptions extends Omit<AttemptOptions, 'now'> {
  /** The cell: read once a call. */
  readonly current: () => Generation;
  /** Where sampled calls go; without one, nothing is sampled. */
  readonly mirror?: Pick<Mirror, 'offer' | 'settle'>;
  /** Told when legacy is asked because wasm has failed. */
  readonly onFallback?: (live: LiveFunction, cause: FailureCode) => void;
  readonly random?: () => number;
  readonly now?: () => number;
}

/** The one path of a call: find, choose, lease, call, observe, answer; then perhaps mirror. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { current, mirror = null, onFallback, random = Math.random, now = () => performance.now() } = options;
  const make = attempts({ ...options, now });

  function run(live: LiveFunction, choice: Choice, request: CallRequest, revision: number): Dispatched {
    const target = live[choice.backend];
    if (target === null) return { answer: Promise.resolve(absent(live, choice, revision)), cancel: () => undefined };

    const end = Math.min(request.receivedAt + live.spec.timeoutMs, request.caller?.deadline ?? Infinity);
    const legacy = mayFallBack(live, choice) ? live.legacy : null;
    const deadline = legacy === null ? end : keptBack(live, request.receivedAt, end);
    const answer = ({ result, queueMs, callMs }: Made): Answer => {
      return { result, backend: choice.backend, reason: choice.reason, revision, queueMs, callMs: callMs ?? 0 };
    };

    if (legacy === null) {
      const { ended, cancel } = make(live, target, wantedOf(request, deadline), (made) => {
        sample(live, choice, request, made);
        return answer(made);
      });
      return { answer: ended, cancel };
    }
    let latest: Attempt<Answer> = make(live, target, wantedOf(request, deadline), (made) => {
      const { result } = made;
      if (!isFailure(result) || !isMadeGood(result)) {
        sample(live, choice, request, made);
        return answer(made);
      }
      onFallback?.(live, result.code);
      latest = fallBack(live, legacy, { request, end, wasm: made, answer });
      return latest.ended;
    });
    return { answer: latest.ended, cancel: () => latest.cancel() };
  }

  /** Legacy answers for a wasm that has failed, in what is left of the call's time. */
  function fallBack(
    live: LiveFunction,
    legacy: LiveBackend,
    { request, end, wasm, answer }: { request: CallRequest; end: number; wasm: Made; answer: (made: Made) => Answer },
  ): Attempt<Answer> {
    const wanted: Wanted = { ...wantedOf(request, end), role: 'fallback', since: now() };
    return make(live, legacy, wanted, (made): Answer => {
      if (isFailure(made.result) && sayNothing(made.result)) return answer(wasm);
      if (wasm.callMs !== null && !wasCutShort(made.result) && isSampled(live, request)) {
        mirror?.settle(sampledOf(live, 'wasm', request, wasm), made.result);
      }
      const queueMs = wasm.queueMs + made.queueMs;
      const callMs = (wasm.callMs ?? 0) + (made.callMs ?? 0);
      return { ...answer({ result: made.result, queueMs, callMs }), backend: 'legacy', reason: 'fallback' };
    });
  }

  function sample(live: LiveFunction, { backend }: Choice, request: CallRequest, made: Made): void {
    // What was never begun, or is heard by nobody, has no outcome to compare with.
    if (made.callMs === null || (isFailure(made.result) && made.result.code === 'cancelled')) return;
    if (mirror !== null && isSampled(live, request)) mirror.offer(sampledOf(live, backend, request, made));
  }

  /** By the call, whatever its key: a canary of few keys is compared on all kinds of calls. */
  function isSampled({ route: { effective } }: LiveFunction, request: CallRequest): boolean {
    if (!('sample' in effective) || effective.sample === 0 || roleOf(request) === 'shadow') return false;
    return effective.sample === 100 || random() * 10_000 < hundredths(effective.sample);
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

/** What a mirrored call asks for is nobody's answer either. */
function roleOf(request: CallRequest): 'primary' | 'shadow' {
  return request.caller?.role === 'shadow' ? 'shadow' : 'primary';
}

function wantedOf(request: CallRequest, deadline: number): Wanted {
  const { input, requestId, key, caller, receivedAt } = request;
  const wanted = { role: roleOf(request), input, requestId, key, since: receivedAt, deadline };
  return caller === undefined ? wanted : { ...wanted, caller };
}

function sampledOf(live: LiveFunction, primary: 'legacy' | 'wasm', request: CallRequest, made: Made): Sampled {
  const { input, requestId, key } = request;
  return { live, input, requestId, key, primary, ended: made.result };
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
  return { result, ...choice, revision, queueMs: 0, callMs: 0 };
}
