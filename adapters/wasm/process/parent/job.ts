import type { Call } from '../../../../src/domain/call.js';
import type { Failure } from '../../../../src/domain/failure.js';
import type { Reply } from '../../../../src/domain/reply.js';
import { failed } from '../../parent/outcome.js';

/** A call with the promise that waits for it. It may be handed to several processes, one after the other, but begins once. */
export class Job {
  readonly call: Call;
  readonly functionIndex: number;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (error: Error) => void;
  #parked = false;
  #over = false;

  constructor(call: Call, functionIndex: number, resolve: (reply: Reply) => void, reject: (error: Error) => void) {
    this.call = call;
    this.functionIndex = functionIndex;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Whether nobody waits for it any more. */
  get over(): boolean {
    return this.#over;
  }

  reply(output: Uint8Array): void {
    if (!this.#end()) return;
    this.#resolve({ output });
  }

  fail(failure: Failure): void {
    if (!this.#end()) return;
    this.#reject(failed(failure));
  }

  /** It holds no place in the queue's window until `unpark`. */
  park(): void {
    if (this.#over || this.#parked) return;
    this.#parked = true;
    this.call.onParked?.(true);
  }

  unpark(): void {
    if (!this.#parked) return;
    this.#parked = false;
    this.call.onParked?.(false);
  }

  #end(): boolean {
    if (this.#over) return false;
    this.unpark();
    this.#over = true;
    this.call.onStop = null;
    return true;
  }
}
