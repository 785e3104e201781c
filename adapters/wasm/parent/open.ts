import { type Open, Refused, type Report, type Window } from '../../../src/domain/backend.js';
import { Failed } from '../../../src/domain/failure.js';
import type { WasmSpec } from '../../../src/domain/plugin.js';
import type { Grant, LaneModule } from '../messages.js';
import type { Calls } from './calls.js';
import type { Crew } from './crew.js';
import { type AnswerHostCall, hostCallsOf } from './host-calls.js';
import type { Probers } from './probers.js';
import type { OpenFileAt } from './open-file.js';
import { readGrants } from './read-grants.js';
import { checkModules, type Modules } from './read-modules.js';
import type { Target } from './slot.js';
import { type Untried, wasmBackend } from './wasm-backend.js';

interface Shared {
  readonly window: Window;
  readonly calls: Calls;
  readonly crew: Crew;
  readonly probers: Probers;
  /** Milliseconds that a module has for its start, when it is opened. */
  readonly startWithinMs: number;
  /** Of backends that are opened at once, so many are tried right away. */
  readonly tryAtOnce: number;
  readonly answer: AnswerHostCall;
  readonly openFile: OpenFileAt;
  /** Who hears of each open backend, by its id. */
  readonly reports: Map<number, Report>;
}

/**
 * Opens wasm backends on lanes that they share. Of those that are opened at once the first few are compiled and started
 * before they are ready; the others are checked as far as that can be done without, and compiled by their first call.
 */
export function openOn(shared: Shared): Open<WasmSpec> {
  const { crew, reports } = shared;
  let latest = 0;
  let opening = 0;

  /** Checks a module, and tries it if that is to be `now`; null once it has been. */
  async function examine(target: Target, spec: WasmSpec, now: boolean): Promise<Untried | null> {
    const grants = await readGrants(spec);
    const checked = await checkModules(spec, now, shared.openFile);
    const load = async (): Promise<LaneModule> => laneModule(target, spec, await checked.compile(), grants);
    if (!now) {
      return { compile: async () => crew.open(await load()), close: () => checked.close() };
    }
    try {
      const module = await load();
      const tried = await tryOut(shared, module, target);
      crew.open(module);
      return tried ? null : { compile: () => Promise.resolve(), close: () => Promise.resolve() };
    } finally {
      await checked.close();
    }
  }

  return async (spec, report) => {
    report({ type: 'state', state: { state: 'loading' } });
    const hostCalls = hostCallsOf(spec, report, shared.answer);
    const target: Target = {
      id: ++latest,
      outputLimit: spec.outputLimit,
      report,
      answer: hostCalls.answer,
      turn: 0,
    };
    reports.set(target.id, report);
    const now = ++opening <= shared.tryAtOnce;
    try {
      const untried = await examine(target, spec, now);
      report({ type: 'state', state: { state: 'ready', pids: [], ...(untried === null ? {} : { untried: true }) } });
      return wasmBackend({ target, spec, hostCalls, untried }, shared);
    } catch (error) {
      reports.delete(target.id);
      hostCalls.close();
      if (error instanceof Refused) report({ type: 'state', state: { state: 'refused', problems: error.problems } });
      throw error;
    } finally {
      opening--;
    }
  };
}

/**
 * Makes an instance away from the lanes that serve: starts that trap or hang show now, not in a call. Answers false where
 * nobody had time for it; rejects with Refused.
 */
async function tryOut({ probers, startWithinMs }: Shared, module: LaneModule, target: Target): Promise<boolean> {
  try {
    return await probers.probe({ module, target });
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const { code, detail } = error.failure;
    const why = code === 'timeout' ? `it did not start within ${startWithinMs} ms` : detail;
    const message = `${module.plugin}: ${why}`;
    throw new Refused([{ pointer: '/backends/wasm/module', message }], { cause: error });
  }
}

function laneModule(target: Target, spec: WasmSpec, modules: Modules, grants: readonly Grant[]): LaneModule {
  return {
    id: target.id,
    plugin: spec.plugin,
    ...modules,
    functions: [...spec.functions.values()],
    config: spec.config,
    grants,
    memory: spec.memory,
    instance: spec.instance,
    outputLimit: spec.outputLimit,
  };
}
