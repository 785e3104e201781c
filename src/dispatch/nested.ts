import type { Call } from '../domain/call.js';
import { type Dispatcher, isFailure } from '../domain/dispatch.js';
import { type Failure, FAILURE_STATUSES } from '../domain/failure.js';
import type { CallNested, NestedAnswer } from '../domain/nested.js';

/** Calls in a row, the one from outside not counted. */
const MOST_DEEP = 8;

/** The caller of a mirrored call has had its effects already. */
const FORBIDDEN = 403;

/** RFC 5842, section 7.2: Loop Detected. */
const LOOP_DETECTED = 508;

/**
 * Calls that plugins make: by the same routes, queues and metrics as calls from outside, with the request id and the
 * sticky key of the call that they are made in, and within its deadline.
 */
export function nestedBy(dispatcher: Dispatcher, now: () => number = () => performance.now()): CallNested {
  return (target, input, caller) => {
    const [plugin, name, ...rest] = target.split('/');
    if (!plugin || !name || rest.length > 0)
      return refused(400, `bad-request: "${target}" is no target: write plugin/function`);
    const loop = loopOf(target, caller);
    if (loop !== null) return refused(LOOP_DETECTED, loop);
    const found = dispatcher.find(plugin, name);
    if (caller.role === 'shadow' && 'effects' in found && found.effects === 'unsafe')
      return refused(FORBIDDEN, `${target} is not called for a mirrored call: its effects are unsafe`);

    const { answer, cancel } = dispatcher.dispatch({
      plugin,
      function: name,
      input,
      receivedAt: now(),
      requestId: caller.requestId,
      key: caller.key,
      forced: null,
      caller,
    });
    return { answer: answer.then(({ result }) => (isFailure(result) ? failed(result) : ok(result.output))), cancel };
  };
}

/** Why the call is not to be made: it would come back to a function that waits for it, or go too deep. */
function loopOf(target: string, caller: Call): string | null {
  const chain = [target];
  for (let call: Call | null = caller; call !== null; call = call.caller)
    chain.unshift(`${call.plugin}/${call.function}`);
  const path = chain.join(' -> ');
  if (chain.indexOf(target) < chain.length - 1) return `cycle: ${path}`;
  return chain.length - 1 > MOST_DEEP ? `too deep: ${path} is more than ${MOST_DEEP} calls in a row` : null;
}

function ok(output: Uint8Array): NestedAnswer {
  return { status: 200, output };
}

function failed(failure: Failure): NestedAnswer {
  return { status: FAILURE_STATUSES[failure.code], output: text(`${failure.code}: ${failure.detail}`) };
}

function refused(status: number, why: string): ReturnType<CallNested> {
  return { answer: Promise.resolve({ status, output: text(why) }), cancel: () => undefined };
}

function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}
