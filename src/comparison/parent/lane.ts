import type { Worker } from 'node:worker_threads';
import type { Artefact } from '../../domain/artefact.js';
import type { Comparison, Ended } from '../../domain/comparison.js';
import type { FromLane, Question } from '../messages.js';
import { notLoaded, notStarted, startThread } from './thread.js';

/** What came of a question. `detail` may tell of what was compared. */
export type Answer =
  | { readonly type: 'answer'; readonly comparison: Comparison }
  | { readonly type: 'broken'; readonly why: string; readonly detail: string | null }
  /** There is no thread that could be asked. */
  | { readonly type: 'refused'; readonly why: string };

export interface LaneLimits {
  /** Milliseconds for one comparison. */
  readonly deadlineMs: number;
  /** Milliseconds for the thread to start, and its module to load. */
  readonly startMs: number;
  /** Milliseconds for which a module that cannot be loaded is not tried again. */
  readonly restMs: number;
  /** Milliseconds after which a thread that has nothing to do ends. */
  readonly idleMs: number;
  readonly heapMiB: number;
}

/** A worker thread that compares, one question after the other; started when it is needed, and again when it was ended. */
export interface Lane {
  /** Null: the lane was closed. Never rejects. */
  ask(question: Omit<Question, 'id'>): Promise<Answer | null>;
  isIdle(): boolean;
  close(): Promise<void>;
}

interface Job {
  readonly question: Question;
  readonly settle: (answer: Answer | null) => void;
}

type State =
  | { readonly state: 'down' }
  | { readonly state: 'starting'; readonly worker: Worker; readonly timer: NodeJS.Timeout }
  | { readonly state: 'idle'; readonly worker: Worker; readonly timer: NodeJS.Timeout }
  | { readonly state: 'busy'; readonly worker: Worker; readonly timer: NodeJS.Timeout; readonly job: Job }
  /** `until` on the clock of `performance.now()`. */
  | { readonly state: 'refusing'; readonly why: string; readonly until: number }
  | { readonly state: 'closed' };

/** Threads that were ended and still run, as one that waits for the system does: with so many no further one is started. */
const ENDING = 2;

/** Milliseconds for which a thread that is closed is waited for. */
const CLOSING = 1_000;

export function createLane(module: Artefact | null, limits: LaneLimits): Lane {
  const jobs: Job[] = [];
  let state: State = { state: 'down' };
  let ids = 0;
  let ending = 0;

  return {
    ask: (question) =>
      new Promise((settle) => {
        jobs.push({ question: { ...question, id: ids++ }, settle });
        goOn();
      }),
    isIdle: () => jobs.length === 0 && state.state !== 'busy',
    async close() {
      const before = state;
      state = { state: 'closed' };
      if (before.state === 'busy') before.job.settle(null);
      for (const job of jobs.splice(0)) job.settle(null);
      if (!('worker' in before)) return;
      clearTimeout(before.timer);
      const patience = new Promise((resolve) => void setTimeout(resolve, CLOSING).unref());
      await Promise.race([end(before.worker), patience]);
    },
  };

  /** Does what is next, if anything is. */
  function goOn(): void {
    if (jobs.length === 0) return;
    switch (state.state) {
      case 'down':
        if (ending < ENDING) start();
        else refuse('its threads cannot be stopped: they wait for the system');
        return;
      case 'refusing':
        if (performance.now() < state.until) {
          for (const job of jobs.splice(0)) job.settle({ type: 'refused', why: state.why });
          return;
        }
        state = { state: 'down' };
        goOn();
        return;
      case 'idle':
        begin(state.worker, state.timer);
        return;
      case 'closed':
        for (const job of jobs.splice(0)) job.settle(null);
        return;
      case 'starting':
      case 'busy':
        return;
      default:
        state satisfies never;
    }
  }

  function start(): void {
    let worker: Worker;
    try {
      worker = startThread(module, limits.heapMiB, {
        hear: (said) => hear(worker, said),
        ended: (why) => ended(worker, why),
      });
    } catch (error) {
      refuse(notStarted(error));
      return;
    }
    const timer = setTimeout(() => {
      stop(worker);
      refuse(notLoaded(limits.startMs));
    }, limits.startMs);
    state = { state: 'starting', worker, timer };
  }

  function begin(worker: Worker, idle: NodeJS.Timeout): void {
    const job = jobs.shift();
    if (job === undefined) return;
    clearTimeout(idle);
    worker.ref();
    const timer = setTimeout(() => {
      stop(worker);
      state = { state: 'down' };
      job.settle({ type: 'broken', why: `it took longer than ${limits.deadlineMs} ms`, detail: null });
      goOn();
    }, limits.deadlineMs);
    state = { state: 'busy', worker, timer, job };
    const copies: ArrayBuffer[] = [];
    const { legacy, wasm } = job.question;
    worker.postMessage({ ...job.question, legacy: copy(legacy, copies), wasm: copy(wasm, copies) }, copies);
  }

  function hear(worker: Worker, said: FromLane): void {
    if (!('worker' in state) || state.worker !== worker) return;
    if (state.state === 'starting') {
      if (said.type !== 'ready' && said.type !== 'refused') return;
      clearTimeout(state.timer);
      if (said.type === 'ready') {
        rest(worker);
      } else {
        stop(worker);
        refuse(said.why);
      }
    } else if (state.state === 'busy' && 'id' in said && said.id === state.job.question.id) {
      clearTimeout(state.timer);
      const { job } = state;
      rest(worker);
      job.settle(said);
    }
  }

  /** Waits for the next job, if there is none. */
  function rest(worker: Worker): void {
    worker.unref();
    const timer = setTimeout(() => {
      stop(worker);
      state = { state: 'down' };
    }, limits.idleMs).unref();
    state = { state: 'idle', worker, timer };
    goOn();
  }

  function ended(worker: Worker, why: string): void {
    if (!('worker' in state) || state.worker !== worker) return;
    clearTimeout(state.timer);
    if (state.state === 'starting') {
      refuse(why);
      return;
    }
    const job = state.state === 'busy' ? state.job : null;
    state = { state: 'down' };
    job?.settle({ type: 'broken', why, detail: null });
    goOn();
  }

  function refuse(why: string): void {
    state = { state: 'refusing', why, until: performance.now() + limits.restMs };
    goOn();
  }

  function stop(worker: Worker): void {
    ending++;
    void end(worker).then(() => ending--);
  }
}

async function end(worker: Worker): Promise<void> {
  await worker.terminate().catch(() => undefined);
}

/** Bytes of its own, which can be handed over: views of a larger buffer would take all of it along. */
function copy(ended: Ended, copies: ArrayBuffer[]): Ended {
  if ('code' in ended) return ended;
  const output = new Uint8Array(ended.output);
  copies.push(output.buffer);
  return { output };
}
