import { type Backend, type Open, Refused, type Report, type Window } from '../../../src/domain/backend.js';
import { Call } from '../../../src/domain/call.js';
import { Failed } from '../../../src/domain/failure.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import { PROBE } from '../slots.js';
import type { Calls } from './calls.js';
import type { Crew } from './crew.js';
import type { AnswerHostCall } from './host-calls.js';
import { closed, failed } from './outcome.js';
import type { ReadFile } from './read-module.js';
import { readModules } from './read-modules.js';
import type { Target } from './slot.js';

interface Shared {
  readonly window: Window;
  readonly calls: Calls;
  readonly crew: Crew;
  /** Milliseconds that a module has for its start, when it is opened. */
  readonly startWithinMs: number;
  readonly answer: AnswerHostCall;
  readonly read: ReadFile;
  /** Who hears of each open backend, by its id. */
  readonly reports: Map<number, Report>;
}

/** Opens wasm backends on lanes that they share. */
export function openOn(shared: Shared): Open<WasmSpec> {
  const { crew, reports } = shared;
  let latest = 0;

  return async (spec, report) => {
    report({ type: 'state', state: { state: 'loading' } });
    const target: Target = {
      id: ++latest,
      outputLimit: spec.outputLimit,
      report,
      answer: (request, call, signal) => shared.answer(request, { call, spec, report, signal }),
      turn: 0,
    };
    reports.set(target.id, report);
    try {
      const modules = await readModules(spec, shared.read);
      crew.open({
        id: target.id,
        plugin: spec.plugin,
        ...modules,
        functions: [...spec.functions.values()],
        config: spec.config,
        memory: spec.memory,
        instance: spec.instance,
        outputLimit: spec.outputLimit,
      });
      await probe(shared, target, spec);
    } catch (error) {
      crew.close(target.id);
      reports.delete(target.id);
      if (error instanceof Refused) report({ type: 'state', state: { state: 'refused', problems: error.problems } });
      throw error;
    }
    report({ type: 'state', state: { state: 'ready', pids: [] } });
    return backendOf(target, spec, shared);
  };
}

function backendOf(target: Target, spec: WasmSpec, { window, calls, crew, reports }: Shared): Backend {
  const indices = new Map([...spec.functions.keys()].map((name, index) => [name, index]));
  let open = true;

  return {
    window,
    call(call) {
      if (!open) return Promise.reject(failed(closed()));
      const index = indices.get(call.function);
      if (index !== undefined) return calls.run(target, index, call);
      const detail = `${spec.plugin} has no function "${call.function}" on wasm`;
      return Promise.reject(failed({ code: 'unknown-function', detail }));
    },
    close() {
      if (open) {
        open = false;
        calls.closeTarget(target);
        crew.close(target.id);
        reports.delete(target.id);
        // Idle lanes let go of their instances now, not with their next call.
        calls.wake(Number.POSITIVE_INFINITY);
        target.report({ type: 'state', state: { state: 'unloaded' } });
      }
      return Promise.resolve();
    },
  };
}

/** Makes an instance in one lane: imports of a wrong type and starts that trap or hang show now, not in a call. */
async function probe({ calls, startWithinMs }: Shared, target: Target, spec: WasmSpec): Promise<void> {
  const call = new Call({
    plugin: spec.plugin,
    function: '',
    input: new Uint8Array(0),
    deadline: performance.now() + startWithinMs,
    requestId: '',
    role: 'primary',
  });
  const late = setTimeout(() => call.stop('timeout'), startWithinMs);
  try {
    await calls.run(target, PROBE, call);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const detail =
      error.failure.code === 'timeout' ? `it did not start within ${startWithinMs} ms` : error.failure.detail;
    throw new Refused([{ pointer: '/backends/wasm/module', message: `${spec.plugin}: ${detail}` }], { cause: error });
  } finally {
    clearTimeout(late);
  }
}
