import type { BackendName } from './backend.js';
import type { Call } from './call.js';
import type { Reason } from './choose.js';
import type { Failure } from './failure.js';
import type { PluginFunction } from './plugin.js';
import type { Reply } from './reply.js';

/** A call as it comes from outside, or from a plugin in the middle of a call of its own; its input is complete. */
export interface CallRequest {
  readonly plugin: string;
  readonly function: string;
  readonly input: Uint8Array;
  /** When it had been read whole, on the monotonic clock (`performance.now()`); the deadline counts from here. */
  readonly receivedAt: number;
  readonly requestId: string;
  /** The sticky key as a byte string; null without one. */
  readonly key: string | null;
  readonly forced: BackendName | null;
  /** The call in whose middle a plugin makes this one, which ends no later. */
  readonly caller?: Call;
}

/** How a call ended, with what its response's headers say. `backend` is null where none had been chosen. */
export interface Answer {
  readonly result: Reply | Failure;
  readonly backend: BackendName | null;
  readonly reason: Reason | null;
  readonly revision: number;
  /** Milliseconds. */
  readonly queueMs: number;
  readonly callMs: number;
}

export interface Dispatched {
  /** Never rejects. */
  readonly answer: Promise<Answer>;
  /** To be called when the caller hangs up. */
  readonly cancel: () => void;
}

export interface Dispatcher {
  /** What a listener needs before it reads the body, or why there is nothing to call. */
  find(plugin: string, functionName: string): PluginFunction | Failure;
  dispatch(request: CallRequest): Dispatched;
}

export function isFailure(result: Reply | Failure): result is Failure {
  return 'code' in result;
}
