import type { LaneModule } from '../messages.js';
import type { Ask } from './nested-calls.js';
import { rateBounded } from './log.js';
import { type PluginInstance, startInstance } from './plugin-instance.js';

export interface Instances {
  open(module: LaneModule): void;
  /** Forgets a backend and its instance. */
  close(id: number): void;
  /** The instance of a backend, made when there is none; null for a backend that is closed. Throws CannotStart. */
  get(id: number): PluginInstance | null;
  /** Drops an instance that trapped: the next call gets a new one. */
  discard(id: number): void;
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
}

/**
 * The instances of one lane, at most `most` of them: each holds two memories, which reserve some 10 GB of address space
 * apiece. The least recently used one makes place, with its vars and all of its state.
 */
export function makeInstances(
  kernel: WebAssembly.Module,
  modules: readonly LaneModule[],
  most: number,
  { clock, log, ask }: LaneServices,
): Instances {
  const opened = new Map<number, Opened>();
  const running = new Map<number, PluginInstance>();
  let latest = -1;

  const open = (module: LaneModule): void => {
    opened.set(module.id, { module, log: rateBounded((line) => log(module.id, line), clock) });
  };
  modules.forEach(open);

  return {
    open,
    close(id) {
      opened.delete(id);
      running.delete(id);
    },
    get(id) {
      const found = running.get(id);
      if (found !== undefined) {
        // The order of a Map is that of insertion: the first one is the one that was longest not used.
        if (id !== latest) {
          running.delete(id);
          running.set(id, found);
          latest = id;
        }
        return found;
      }
      const backend = opened.get(id);
      if (backend === undefined) return null;
      const [oldest] = running.keys();
      if (running.size >= most && oldest !== undefined) running.delete(oldest);
      const instance = startInstance(backend.module, kernel, { log: backend.log, ask });
      running.set(id, instance);
      latest = id;
      return instance;
    },
    discard: (id) => void running.delete(id),
  };
}
