import type { MemoryAllowance } from '../memory-budget.js';
import type { LaneModule } from '../messages.js';
import { CannotStart } from './cannot-start.js';
import { describeTrap } from './fault.js';
import { makeGarbage } from './garbage.js';
import { Kernel } from './kernel.js';
import type { Ask } from './nested-calls.js';
import { rateBounded } from './log.js';
import { type PluginInstance, startInstance } from './plugin-instance.js';

export interface Instances {
  open(module: LaneModule): void;
  /** Forgets a backend and its instance. */
  close(id: number): void;
  /** The instance of a backend, made when there is none; null for a backend that is closed. Throws CannotStart. */
  get(id: number): PluginInstance | null;
  /** Gets a backend ready for its next call after one that did not trap; drops an instance that is over. */
  finish(id: number): void;
  /** Drops an instance that trapped: the next call gets a new one. */
  discard(id: number): void;
  /** Lets go of what was dropped: for when no call waits. */
  tidy(): void;
  /** Leaves room to lanes that have less, where there is too little: for now and then. */
  share(): void;
}

/** What a lane does for the instances in it. */
interface LaneServices {
  readonly allowance: MemoryAllowance;
  /** Milliseconds. */
  readonly clock: () => number;
  readonly log: (backend: number, line: string) => void;
  /** For the call that runs. */
  readonly ask: Ask;
}

interface Opened {
  readonly module: LaneModule;
  readonly log: (line: string) => void;
  /** Memories that it holds with an instance: the kernel's and one for each module. */
  readonly memories: number;
}

/** `instance` is null between the calls of a backend that gets a new one for each. */
interface Kept {
  readonly kernel: Kernel;
  readonly instance: PluginInstance | null;
}

/** Of a lane's instances as many make place at once, so that their garbage is worth a collection. */
const A_BATCH = 1 / 4;

/**
 * The instances of one lane, as many as its allowance of memories has room for. The least recently used ones make place,
 * with their vars and all of their state.
 */
export function makeInstances(
  kernelModule: WebAssembly.Module,
  modules: readonly LaneModule[],
  { allowance, clock, log, ask }: LaneServices,
): Instances {
  const opened = new Map<number, Opened>();
  const kept = new Map<number, Kept>();
  const garbage = makeGarbage(allowance);
  let latest = -1;

  const open = (module: LaneModule): void => {
    const bounded = rateBounded((line) => log(module.id, line), clock);
    opened.set(module.id, { module, log: bounded, memories: 2 + module.linked.size });
  };
  modules.forEach(open);

  const drop = (id: number): void => {
    const found = kept.get(id);
    if (found === undefined) return;
    kept.delete(id);
    found.instance?.close();
    garbage.dropped(found.instance === null ? 1 : (opened.get(id)?.memories ?? 0));
  };

  /** Drops so many of the least recently used ones, but not `except`. */
  const shed = (count: number, except = -1): void => {
    let left = count;
    // The order of a Map is that of insertion: the first one is the one that was longest not used.
    for (const id of kept.keys()) {
      if (left === 0) break;
      if (id === except) continue;
      drop(id);
      left--;
    }
    garbage.collect();
  };

  const makePlace = (memories: number, id: number): void => {
    while (!allowance.take(memories)) {
      const others = kept.size - (kept.has(id) ? 1 : 0);
      if (others === 0 && garbage.isEmpty()) {
        allowance.takeAnyway(memories);
        return;
      }
      shed(Math.max(1, Math.floor(others * A_BATCH)), id);
    }
  };

  const start = (id: number, { module, log: logged, memories }: Opened): PluginInstance => {
    const found = kept.get(id);
    makePlace(found === undefined ? memories : memories - 1, id);
    try {
      const kernel = found?.kernel ?? makeKernel(kernelModule, module.memory);
      const instance = startInstance(module, kernel, { log: logged, ask });
      kept.set(id, { kernel, instance });
      return instance;
    } catch (error) {
      kept.delete(id);
      garbage.dropped(memories);
      throw error;
    }
  };

  /** Where there is less room than the budget says, what this lane can do without makes place. */
  const startSomehow = (id: number, backend: Opened): PluginInstance => {
    try {
      return start(id, backend);
    } catch (error) {
      if (!lacksAddresses(error)) throw error;
      shed(kept.size);
      return start(id, backend);
    }
  };

  /** Makes the next instance before it is needed; why that fails, the call will hear that needs it. */
  const prepare = (id: number, backend: Opened): void => {
    try {
      start(id, backend);
    } catch (error) {
      if (!(error instanceof CannotStart)) throw error;
    }
  };

  return {
    open,
    close(id) {
      drop(id);
      opened.delete(id);
    },
    get(id) {
      const found = kept.get(id);
      if (found !== undefined && id !== latest) {
        kept.delete(id);
        kept.set(id, found);
      }
      latest = id;
      const backend = opened.get(id);
      if (backend === undefined) return null;
      return found?.instance ?? startSomehow(id, backend);
    },
    finish(id) {
      const found = kept.get(id);
      if (found?.instance?.over() === true) {
        drop(id);
        return;
      }
      found?.kernel.end();
      const backend = opened.get(id);
      if (found === undefined || backend?.module.instance !== 'fresh') return;
      found.instance?.close();
      kept.set(id, { kernel: found.kernel, instance: null });
      garbage.dropped(backend.memories - 1);
      // Code of a guest runs within a call alone, where a deadline ends it.
      if (!backend.module.startsWithCode) prepare(id, backend);
    },
    discard: drop,
    tidy: () => garbage.collect(),
    share() {
      if (allowance.isDue()) shed(Math.ceil(kept.size / 2));
    },
  };
}

/** Throws {@link CannotStart} where the engine has no address space left. */
function makeKernel(module: WebAssembly.Module, limit: number): Kernel {
  try {
    return new Kernel(module, limit);
  } catch (error) {
    throw new CannotStart(describeTrap(error, null), { cause: error });
  }
}

/** Of an engine that could not reserve addresses: under `ulimit -v`, say. */
function lacksAddresses(error: unknown): boolean {
  return (
    error instanceof CannotStart && error.cause instanceof RangeError && /allocate .*memory/i.test(error.cause.message)
  );
}
