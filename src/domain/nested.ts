import type { Call } from './call.js';

/** What a plugin learns of a call that it made. */
export interface NestedAnswer {
  /** 200, or the status that a caller from outside would have got; 508 where the call was not made: cycle or depth. */
  readonly status: number;
  /** The function's output; of a failure its code and detail, as text. */
  readonly output: Uint8Array;
}

export interface NestedCall {
  /** Never rejects. */
  readonly answer: Promise<NestedAnswer>;
  /** To be called when nobody waits for the calling plugin any more. */
  readonly cancel: () => void;
}

/** Makes a call to `target` (`plugin/function`) for a plugin in the middle of `caller`, by the path of every call. */
export type CallNested = (target: string, input: Uint8Array, caller: Call) => NestedCall;
