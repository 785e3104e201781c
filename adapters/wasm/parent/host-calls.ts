import type { Report } from '../../../src/domain/backend.js';
import type { Call } from '../../../src/domain/call.js';
import type { CallNested } from '../../../src/domain/nested.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import { type Egress, makeEgress } from '../egress/egress.js';
import type { HostAnswer, HostRequest } from '../host-call.js';

/** In whose middle something is asked for. */
export interface Asking {
  readonly call: Call;
  readonly spec: WasmSpec;
  /** Its way to the hosts that it is granted. */
  readonly egress: Egress;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Answers a request of a guest within what its plugin is granted. Never rejects. */
export type AnswerHostCall = (request: HostRequest, asking: Asking) => Promise<HostAnswer>;

/** The same for the guests of one backend. */
export interface HostCalls {
  readonly answer: (request: HostRequest, call: Call, signal: AbortSignal) => Promise<HostAnswer>;
  /** Ends its connections. */
  close(): void;
}

/** Bytes of the body of an HTTP response: a module with less memory than this could not take it in anyway. */
const RESPONSE_LIMIT = 16 * 1024 * 1024;

export function hostCallsOf(spec: WasmSpec, report: Report, answer: AnswerHostCall): HostCalls {
  const egress = makeEgress({
    hosts: spec.hosts,
    bodyLimit: Math.min(RESPONSE_LIMIT, spec.memory),
    told: (outcome, durationMs) => report({ type: 'egress', outcome, durationMs }),
  });
  return {
    answer: (request, call, signal) => answer(request, { call, spec, egress, signal }),
    close: () => egress.close(),
  };
}

/** Grants are looked at here, in the gateway, and not where foreign code runs. */
export function answerHostCalls(callNested: CallNested): AnswerHostCall {
  return (request, asking) => {
    switch (request.kind) {
      case 'call':
        return answerCall(request, asking, callNested);
      case 'http':
        return asking.egress.request(request.request, { deadline: asking.call.deadline, signal: asking.signal });
      default:
        return request satisfies never;
    }
  };
}

/** Where there is no gateway behind the lanes, as when files are checked. */
export const refuseAll: AnswerHostCall = (request) =>
  Promise.resolve({ kind: 'refused', why: `there is nothing to be had here of kind ${request.kind}` });

async function answerCall(
  { target, input }: Extract<HostRequest, { kind: 'call' }>,
  { call, spec, signal }: Asking,
  callNested: CallNested,
): Promise<HostAnswer> {
  if (!isGranted(target, spec.calls))
    return {
      kind: 'refused',
      why: `banyan_call: ${target} is not among its calls: ${spec.calls.join(', ') || 'none'}`,
    };
  const { answer, cancel } = callNested(target, input, call);
  signal.addEventListener('abort', cancel, { once: true });
  return { kind: 'call', ...(await answer) };
}

/** A grant is `plugin/function`, or `plugin/*` for all functions of a plugin. */
function isGranted(target: string, grants: readonly string[]): boolean {
  return grants.some((grant) =>
    grant.endsWith('/*') ? target.startsWith(grant.slice(0, -1)) && target.length >= grant.length : grant === target,
  );
}
