import type { Worker } from 'node:worker_threads';
import type { Artefact } from '../../domain/artefact.js';
import type { TryComparer } from '../../domain/compare.js';
import type { LaneLimits } from './lane.js';
import { notLoaded, notStarted, startThread } from './thread.js';

type Limits = Pick<LaneLimits, 'startMs' | 'heapMiB'>;

/** Modules that are tried at a time: each has a thread to itself while it loads. */
const AT_ONCE = 4;

/** Loads modules in threads like those that they will run in, which are ended again; one that was loaded once is not tried again. */
export function createTrial(limits: Limits): TryComparer {
  const fine = new Set<string>();
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (module) => {
    const key = `${module.sha256} ${module.path}`;
    if (fine.has(key)) return null;
    if (running < AT_ONCE) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    const why = await load(module, limits);
    if (why === null) fine.add(key);
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
    return why;
  };
}

function load(module: Artefact, { startMs, heapMiB }: Limits): Promise<string | null> {
  return new Promise((resolve) => {
    let worker: Worker;
    const settle = (why: string | null): void => {
      clearTimeout(timer);
      void worker.terminate().catch(() => undefined);
      resolve(why);
    };
    const timer = setTimeout(() => settle(notLoaded(startMs)), startMs);
    try {
      worker = startThread(module, heapMiB, {
        hear(said) {
          if (said.type === 'ready') settle(null);
          else if (said.type === 'refused') settle(said.why);
        },
        ended: settle,
      });
    } catch (error) {
      clearTimeout(timer);
      resolve(notStarted(error));
    }
  });
}
