import type { Call, Stop } from '../../../src/domain/call.js';
import { Failed, type Failure } from '../../../src/domain/failure.js';
import type { Reply } from '../../../src/domain/reply.js';
import type { Member, Target } from './member.js';

/** Who has a call that was handed over: it is told when nobody waits for the call any more. */
export interface Holder {
  stop(job: Job, sequence: number, stop: Stop): void;
}

/** Where a call is inside the adapter. */
export type Whereabouts =
  | { readonly at: 'backlog' }
  | { readonly at: 'child'; readonly child: Holder; readonly sequence: number }
  | { readonly at: 'over' };

const BACKLOG: Whereabouts = { at: 'backlog' };
const OVER: Whereabouts = { at: 'over' };

/** A call with the promise that waits for it. It may be handed to several children, one after the other, but begins once. */
export class Job {
  readonly call: Call;
  readonly member: Member;
  readonly target: Target;
  readonly #resolve: (reply: Reply) => void;
  readonly #reject: (failed: Failed) => void;
  #whereabouts: Whereabouts = BACKLOG;

  constructor(
    call: Call,
    member: Member,
    target: Target,
    resolve: (reply: Reply) => void,
    reject: (failed: Failed) => void,
  ) {
    this.call = call;
    this.member = member;
    this.target = target;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get whereabouts(): Whereabouts {
    return this.#whereabouts;
  }

  handedTo(child: Holder, sequence: number): void {
    this.#whereabouts = { at: 'child', child, sequence };
  }

  takenBack(): void {
    this.#whereabouts = BACKLOG;
  }

  reply(output: Uint8Array): void {
    this.#over();
    this.#resolve({ output });
  }

  fail(failure: Failure): void {
    this.#over();
    this.#reject(new Failed(failure, 'legacy'));
  }

  #over(): void {
    this.#whereabouts = OVER;
    this.call.onStop = null;
  }
}
