import type { Backend, Report, Window } from '../../../src/domain/backend.js';
import type { Call } from '../../../src/domain/call.js';
import { Failed } from '../../../src/domain/failure.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import type { Reply } from '../../../src/domain/reply.js';
import type { Calls } from './calls.js';
import type { Crew } from './crew.js';
import { compiledByFirstCall, type FirstCall } from './first-call.js';
import type { HostCalls } from './host-calls.js';
import { closed, failed } from './outcome.js';
import type { Target } from './slot.js';

/** A module that nobody has started yet. */
export interface Untried {
  /** Makes it known to the lanes. Rejects with Refused. */
  compile(): Promise<void>;
  /** Lets go of what compiling needs. */
  close(): Promise<void>;
}

interface WasmBackendOptions {
  readonly target: Target;
  readonly spec: WasmSpec;
  readonly hostCalls: HostCalls;
  /** Null for a module that was started, and which the lanes know. */
  readonly untried: Untried | null;
}

interface Executor {
  readonly window: Window;
  readonly calls: Calls;
  readonly crew: Crew;
  readonly reports: Map<number, Report>;
}

/** An open backend. The first call of one that is untried has its module compiled, and the state says so when it has ended. */
export function wasmBackend({ target, spec, hostCalls, untried }: WasmBackendOptions, executor: Executor): Backend {
  const { window, calls, crew, reports } = executor;
  const indices = new Map([...spec.functions.keys()].map((name, index) => [name, index]));
  let open = true;
  let first = untried === null ? null : firstCallOf(untried);

  function firstCallOf(module: Untried): FirstCall {
    return compiledByFirstCall({
      async compile() {
        await module.compile();
        await module.close();
        if (!open) crew.close(target.id);
      },
      report(event) {
        if (open) target.report(event);
      },
      parked: window.size,
    });
  }

  async function runUntried(untriedCall: FirstCall, index: number, call: Call): Promise<Reply> {
    try {
      await untriedCall.compiledFor(call);
    } catch (error) {
      throw open || call.stopped !== null ? error : failed(closed());
    }
    if (!open) throw failed(closed());
    try {
      const reply = await calls.run(target, index, call);
      noteTried();
      return reply;
    } catch (error) {
      if (!(error instanceof Failed && 'begun' in error.failure && !error.failure.begun)) noteTried();
      throw error;
    }
  }

  function noteTried(): void {
    if (first === null) return;
    first = null;
    if (open) target.report({ type: 'state', state: { state: 'ready', pids: [] } });
  }

  return {
    window,
    call(call) {
      if (!open) return Promise.reject(failed(closed()));
      const index = indices.get(call.function);
      if (index !== undefined) return first === null ? calls.run(target, index, call) : runUntried(first, index, call);
      const detail = `${spec.plugin} has no function "${call.function}" on wasm`;
      return Promise.reject(failed({ code: 'unknown-function', detail }));
    },
    async close() {
      if (!open) return;
      open = false;
      calls.closeTarget(target);
      crew.close(target.id);
      reports.delete(target.id);
      hostCalls.close();
      // Idle lanes let go of their instances now, not with their next call.
      calls.wake(Number.POSITIVE_INFINITY);
      target.report({ type: 'state', state: { state: 'unloaded' } });
      await untried?.close();
    },
  };
}
