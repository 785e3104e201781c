import type { Window } from '../../../src/domain/backend.js';
import type { Call, Stop } from '../../../src/domain/call.js';
import { Failed, type Failure } from '../../../src/domain/failure.js';
import type { ProcessTerms } from '../../../src/domain/native.js';
import type { Reply } from '../../../src/domain/reply.js';
import { DEPTH } from '../protocol/frames.js';
import { Crew } from './crew.js';
import { stopped } from './failures.js';
import { Job } from './job.js';
import type { Member } from './member.js';
import { Membership } from './membership.js';
import { refusedInput } from './refused-input.js';
import type { NativeSettings } from './settings.js';
import type { Spares } from './spares.js';

/** The calls of the plugins that share children: handed to the child with the fewest, or waiting here while none has room. */
export class Pool {
  readonly window: Window;
  readonly membership: Membership;
  readonly #crew: Crew;
  #backlog: Job[] = [];

  constructor(terms: ProcessTerms, settings: NativeSettings, spares: Spares) {
    this.window = { size: terms.poolSize * DEPTH, abreast: terms.poolSize };
    this.#crew = new Crew(terms, settings, spares, {
      changed: () => {
        this.#handOver();
        if (terms.poolSize > 1) this.#balance();
      },
      moved: (jobs) => {
        // They were first in line once, and stay so.
        this.#backlog.unshift(...jobs);
        this.#handOver();
      },
    });
    this.membership = new Membership(this.#crew);
  }

  call(member: Member, call: Call): Promise<Reply> {
    const target = member.targets.get(call.function);
    if (target === undefined)
      return rejected({ code: 'unknown-function', detail: `the native backend has no function ${call.function}` });
    const failure = refusedInput(call, target.text) ?? this.#crew.refusal(member, call.deadline);
    if (failure !== null) return rejected(failure);
    return new Promise((resolve, reject) => {
      const job = new Job(call, member, target, resolve, reject);
      call.onStop = (stop) => this.#stop(job, stop);
      // Behind those of its own plugin; another's may wait for a child that this one has no use for.
      if (this.#backlog.some((waiting) => waiting.member === member) || !this.#hand(job)) this.#backlog.push(job);
    });
  }

  #stop(job: Job, stop: Stop): void {
    const { whereabouts } = job;
    switch (whereabouts.at) {
      case 'backlog':
        this.#backlog = this.#backlog.filter((waiting) => waiting !== job);
        job.fail(stopped(stop, false));
        return;
      case 'child':
        whereabouts.child.stop(job, whereabouts.sequence, stop);
        return;
      case 'over':
        return;
      default:
        whereabouts satisfies never;
    }
  }

  #hand(job: Job): boolean {
    const child = this.#crew.freest(job.member);
    if (child === null || child.load > 0) this.#crew.grow();
    child?.hand(job);
    return child !== null;
  }

  /** Hands over what waits, as far as there is room; what can't be taken any more is told so. */
  #handOver(): void {
    if (this.#backlog.length === 0) return;
    const waiting = this.#backlog;
    this.#backlog = [];
    for (const job of waiting) {
      const failure = this.#crew.refusal(job.member, job.call.deadline);
      if (failure !== null) job.fail(failure);
      else if (!this.#hand(job)) this.#backlog.push(job);
    }
  }

  /** A child without calls takes half of those that wait in the busiest one, perhaps behind a slow call. */
  #balance(): void {
    if (this.#backlog.length > 0) return;
    const children = this.#crew.balanced;
    for (const idle of children) {
      if (idle.load > 0) continue;
      const busiest = children.reduce((one, other) => (waitingIn(other) > waitingIn(one) ? other : one));
      const waiting = waitingIn(busiest);
      if (waiting === 0) return;
      for (const job of busiest.giveBack(Math.ceil(waiting / 2))) idle.hand(job);
    }
  }
}

/** Calls behind the one that runs. */
function waitingIn({ load }: { readonly load: number }): number {
  return Number.isFinite(load) ? Math.max(0, load - 1) : 0;
}

function rejected(failure: Failure): Promise<never> {
  return Promise.reject(new Failed(failure, 'legacy'));
}
