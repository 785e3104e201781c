import type { Backend, Report, Window } from '../../../src/domain/backend.js';
import type { Call, Stop } from '../../../src/domain/call.js';
import { Failed, type Failure } from '../../../src/domain/failure.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import type { Reply } from '../../../src/domain/reply.js';
import { BODY_MAX, DEPTH } from '../protocol/frames.js';
import { Crew } from './crew.js';
import { stopped } from './failures.js';
import { Job } from './job.js';
import type { NativeSettings } from './settings.js';

interface Target {
  readonly index: number;
  /** Whether its input is a C string. */
  readonly text: boolean;
}

/** A backend's calls: handed to the child with the fewest, or waiting here while none has room or lives. */
export class Pool implements Backend {
  readonly window: Window;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #crew: Crew;
  #backlog: Job[] = [];

  constructor(spec: NativeSpec, bytes: Uint8Array | null, settings: NativeSettings, report: Report) {
    this.window = { size: spec.poolSize * DEPTH };
    this.#targets = new Map(
      [...spec.functions].map(([name, { convention }], index) => [name, { index, text: convention === 'cstring' }]),
    );
    this.#crew = new Crew(spec, bytes, settings, report, {
      changed: () => this.#handOver(),
      moved: (jobs) => {
        // They were first in line once, and stay so.
        this.#backlog.unshift(...jobs);
        this.#handOver();
      },
    });
  }

  /** Resolves when it takes calls; rejects with `Refused`. */
  get opened(): Promise<void> {
    return this.#crew.opened;
  }

  call(call: Call): Promise<Reply> {
    const target = this.#targets.get(call.function);
    if (target === undefined)
      return rejected({ code: 'unknown-function', detail: `the native backend has no function ${call.function}` });
    const failure = refusedInput(call, target) ?? this.#crew.refusal(call.deadline);
    if (failure !== null) return rejected(failure);
    return new Promise((resolve, reject) => {
      const job = new Job(call, target.index, resolve, reject);
      call.onStop = (stop) => this.#stop(job, stop);
      const child = this.#backlog.length === 0 ? this.#crew.freest() : null;
      if (child === null) this.#backlog.push(job);
      else child.hand(job);
    });
  }

  async close(): Promise<void> {
    const gone = this.#crew.close();
    this.#handOver();
    await gone;
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

  /** Hands over what waits, as far as there is room; what can't be taken any more is told so. */
  #handOver(): void {
    if (this.#backlog.length === 0) return;
    const waiting = this.#backlog;
    this.#backlog = [];
    for (const job of waiting) {
      const failure = this.#crew.refusal(job.call.deadline);
      if (failure !== null) {
        job.fail(failure);
        continue;
      }
      const child = this.#crew.freest();
      if (child === null) this.#backlog.push(job);
      else child.hand(job);
    }
  }
}

function refusedInput(call: Call, target: Target): Failure | null {
  if (call.stopped !== null) return stopped(call.stopped, false);
  if (call.input.length > BODY_MAX)
    return { code: 'input-too-large', detail: `a native function takes ${BODY_MAX} bytes at most`, limit: BODY_MAX };
  if (target.text && call.input.includes(0))
    return { code: 'bad-request', detail: 'the function takes a C string: the input must not contain a NUL byte' };
  return null;
}

function rejected(failure: Failure): Promise<never> {
  return Promise.reject(new Failed(failure, 'legacy'));
}
