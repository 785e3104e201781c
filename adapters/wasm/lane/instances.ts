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
  /** Gets a backend ready for its next call after one that did not trap. */
  finish(id: number): void;
  /** Drops an instance that trapped: the next call gets a new one. */
  discard(id: number): void;
  /** Lets go of what was dropped: for when no call waits. */
  tidy(): void;
}

/** What a lane does for the instances in it. */
interface LaneServices {
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

/**
 * The instances of one lane, with as many memories at most as `most` plugins of one module have: each memory reserves
 * some 10 GB of address space. The least recently used one makes place, with its vars and all of its state.
 */
export function makeInstances(
  kernelModule: WebAssembly.Module,
  modules: readonly LaneModule[],
  most: number,
  { clock, log, ask }: LaneServices,
): Instances {
  const opened = new Map<number, Opened>();
  const kept = new Map<number, Kept>();
  const garbage = makeGarbage(most / 2);
  let memories = 0;
  let latest = -1;

  const open = (module: LaneModule): void => {
    const bounded = rateBounded((line) => log(module.id, line), clock);
    opened.set(module.id, { module, log: bounded, memories: 2 + module.linked.size });
  };
  modules.forEach(open);

  const drop = (id: number): void => {
    if (!kept.delete(id)) return;
    const held = opened.get(id)?.memories ?? 0;
    memories -= held;
    garbage.dropped(held);
  };

  const keep = (id: number, backend: Opened): Kernel => {
    for (const oldest of kept.keys()) {
      if (memories + backend.memories <= 2 * most) break;
      drop(oldest);
    }
    const kernel = makeKernel(kernelModule, backend.module.memory);
    memories += backend.memories;
    kept.set(id, { kernel, instance: null });
    return kernel;
  };

  const start = (id: number, { module, log: logged }: Opened, kernel: Kernel): PluginInstance => {
    try {
      const instance = startInstance(module, kernel, { log: logged, ask });
      kept.set(id, { kernel, instance });
      return instance;
    } catch (error) {
      drop(id);
      throw error;
    }
  };

  /** Makes the next instance before it is needed; why that fails, the call will hear that needs it. */
  const prepare = (id: number, backend: Opened, kernel: Kernel): void => {
    try {
      start(id, backend, kernel);
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
      // The order of a Map is that of insertion: the first one is the one that was longest not used.
      if (found !== undefined && id !== latest) {
        kept.delete(id);
        kept.set(id, found);
      }
      latest = id;
      const backend = opened.get(id);
      if (backend === undefined) return null;
      return found?.instance ?? start(id, backend, found?.kernel ?? keep(id, backend));
    },
    finish(id) {
      const found = kept.get(id);
      found?.kernel.end();
      const backend = opened.get(id);
      if (found === undefined || backend?.module.instance !== 'fresh') return;
      kept.set(id, { kernel: found.kernel, instance: null });
      garbage.dropped(backend.memories - 1);
      // Code of a guest runs within a call alone, where a deadline ends it.
      if (!backend.module.startsWithCode) prepare(id, backend, found.kernel);
    },
    discard: drop,
    tidy: () => garbage.collect(),
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
