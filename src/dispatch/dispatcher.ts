import { choose, type Choice } from '../domain/choose.js';
import { type Answer, type CallRequest, type Dispatched, type Dispatcher, isFailure } from '../domain/dispatch.js';
import type { Failure, FailureCode } from '../domain/failure.js';
import type { Generation, LiveBackend, LiveFunction } from '../domain/generation.js';
import type { Sampled } from '../domain/mirror.js';
import { hundredths } from '../domain/stage.js';
import { attempts, type Attempt, type AttemptOptions, type Made, type Wanted } from './attempt.js';
import { isMadeGood, mayFallBack, sayNothing, wasCutShort } from './fallback.js';
import type { Mirror } from './mirror.js';
import { tellsNothing } from './tells-nothing.js';

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

interface FellBack {
  readonly request: CallRequest;
  readonly end: number;
  readonly wasm: Made;
  readonly cause: FailureCode;
  readonly answer: (made: Made) => Answer;
}

/** The one path of a call: find, choose, lease, call, observe, answer; then perhaps mirror. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { current, mirror = null, onFallback, random = Math.random, now = () => performance.now() } = options;
  const make = attempts({ ...options, now });

  function run(live: LiveFunction, choice: Choice, request: CallRequest, revision: number): Dispatched {
    const target = live[choice.backend];
    if (target === null) return { answer: Promise.resolve(absent(live, choice, revision)), cancel: () => undefined };

    const { timeoutMs } = live.spec;
    const end = Math.min(request.receivedAt + timeoutMs, request.caller?.deadline ?? Infinity);
    const legacy = mayFallBack(live, choice) ? live.legacy : null;
    const answer = ({ result, queueMs, callMs }: Made): Answer => {
      return { result, backend: choice.backend, reason: choice.reason, revision, queueMs, callMs: callMs ?? 0 };
    };

    if (legacy === null) {
      const { ended, cancel } = make(live, target, wantedOf(request, end, timeoutMs), (made) => {
        sample(live, choice, request, made);
        return answer(made);
      });
      return { answer: ended, cancel };
    }
    let hungUp = false;
    const shareOf = (ms: number): number => ms * (1 - live.spec.fallbackReserve / 100);
    const deadline = request.receivedAt + shareOf(end - request.receivedAt);
    let latest: Attempt<Answer> = make(live, target, wantedOf(request, deadline, shareOf(timeoutMs)), (made) => {
      const { result } = made;
      if (hungUp || !isFailure(result) || !isMadeGood(result)) {
        sample(live, choice, request, made);
        return answer(made);
      }
      latest = fallBack(live, legacy, { request, end, wasm: made, cause: result.code, answer });
      return latest.ended;
    });
    return {
      answer: latest.ended,
      cancel() {
        hungUp = true;
        latest.cancel();
      },
    };
  }

  /** Legacy answers for a wasm that has failed, in what is left of the call's time. */
  function fallBack(
    live: LiveFunction,
    legacy: LiveBackend,
    { request, end, wasm, cause, answer }: FellBack,
  ): Attempt<Answer> {
    const since = now();
    const wanted = wantedOf(request, end, end - since);
    // What a mirrored call has asked for is answered to nobody, whoever answers.
    const isMirrored = wanted.role === 'shadow';
    if (!isMirrored) onFallback?.(live, cause);
    return make(live, legacy, { ...wanted, role: isMirrored ? 'shadow' : 'fallback', since }, (made): Answer => {
      if (isFailure(made.result) && sayNothing(made.result)) return answer(wasm);
      if (tellsNothing(wasm) === null && !wasCutShort(made.result) && isSampled(live, request)) {
        mirror?.settle(sampledOf(live, 'wasm', request, wasm), made.result);
      }
      const queueMs = wasm.queueMs + made.queueMs;
      const callMs = (wasm.callMs ?? 0) + (made.callMs ?? 0);
      return { ...answer({ ...made, queueMs, callMs }), backend: 'legacy', reason: 'fallback' };
    });
  }

  function sample(live: LiveFunction, { backend }: Choice, request: CallRequest, made: Made): void {
    if (mirror === null || tellsNothing(made) !== null || !isSampled(live, request)) return;
    mirror.offer(sampledOf(live, backend, request, made));
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

function wantedOf(request: CallRequest, deadline: number, timeoutMs: number): Wanted {
  const { input, requestId, key, caller = null, receivedAt } = request;
  return { role: roleOf(request), input, requestId, key, caller, since: receivedAt, deadline, timeoutMs };
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
