import type { UserFunction } from '../host-abi.js';
import { type HostAnswer, type HostRequest, MOST_ASKED_WITH } from '../host-call.js';
import type { Kernel } from './kernel.js';

/** Asks the gateway for something for the call that runs, and returns with the answer. */
export type Ask = (request: HostRequest) => HostAnswer;

interface NestedCallsOptions {
  readonly kernel: Kernel;
  readonly ask: Ask;
  /** Ends the call, saying why. */
  readonly end: (why: string) => never;
  /** What a handle stands for; `what` names who wants to know. */
  readonly bytesOf: (handle: bigint, what: string) => Uint8Array;
  readonly textOf: (handle: bigint, what: string) => string;
}

/**
 * `banyan_call(name, input) -> output` and `banyan_call_status()`, which tells what became of the latest call as HTTP
 * would: 200, and else the output is the failure's text. An empty input and an empty output are handle 0.
 */
export function nestedCalls({
  kernel,
  ask,
  end,
  bytesOf,
  textOf,
}: NestedCallsOptions): Readonly<Record<UserFunction, WebAssembly.ExportValue>> {
  let status = 0;
  return {
    banyan_call(name: bigint, input: bigint): bigint {
      const target = textOf(name, 'banyan_call');
      const bytes = input === 0n ? new Uint8Array(0) : handedOver(bytesOf(input, 'banyan_call'), 'banyan_call', end);
      const answer = ask({ kind: 'call', target, input: bytes });
      switch (answer.kind) {
        case 'call':
          status = answer.status;
          return answer.output.length === 0 ? 0n : kernel.write(answer.output);
        case 'refused':
          return end(answer.why);
        case 'given-up':
          return end('nobody waits for it any more');
        case 'http':
          throw new Error('an answer to another request came: a defect of the gateway');
        default:
          return answer satisfies never;
      }
    },
    banyan_call_status: () => status,
  };
}

/** A copy of what goes to the gateway with a request, since the kernel's memory is this thread's own. Ends the call over the limit. */
export function handedOver(bytes: Uint8Array, what: string, end: (why: string) => never): Uint8Array {
  if (bytes.length > MOST_ASKED_WITH)
    return end(`${what}: ${bytes.length} bytes are over the limit of ${MOST_ASKED_WITH}`);
  return bytes.slice();
}
