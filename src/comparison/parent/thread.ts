import { Worker } from 'node:worker_threads';
import type { Artefact } from '../../domain/artefact.js';
import { fromLane, type FromLane, type LaneStart } from '../messages.js';

/** Who listens to a thread. */
export interface Ear {
  readonly hear: (said: FromLane) => void;
  /** It is gone; `why` where nobody has stopped it. */
  readonly ended: (why: string) => void;
}

/** What Node.js ends a thread with that waits, while it is loaded, for what never comes. */
const NEVER_LOADED = 13;

/** Starts a thread that compares, by a module or by the rules that manifests spell out. Throws where there can be none. */
export function startThread(module: Artefact | null, heapMiB: number, { hear, ended }: Ear): Worker {
  const worker = new Worker(new URL('../lane/main.js', import.meta.url), {
    name: 'banyan comparison',
    workerData: { module } satisfies LaneStart,
    resourceLimits: { maxOldGenerationSizeMb: heapMiB, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
    env: {},
    execArgv: [],
    // What it prints is nobody's: the gateway's own output is for its log.
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let failed: string | null = null;
  worker.on('error', (error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    failed =
      code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? `it ran over its memory of ${heapMiB} MiB`
        : `it ended its thread: ${error instanceof Error ? error.name : String(error)}`;
  });
  worker.on('message', (message: unknown) => {
    const parsed = fromLane.safeParse(message);
    // A module that talks to the gateway by itself is not listened to.
    if (parsed.success) hear(parsed.data);
  });
  worker.on('exit', (status) => {
    ended(failed ?? (status === NEVER_LOADED ? 'it awaits what never comes' : 'it ended its thread'));
  });
  return worker;
}

export function notStarted(error: unknown): string {
  return `its thread cannot be started: ${error instanceof Error ? error.message : String(error)}`;
}

export function notLoaded(ms: number): string {
  return `it did not load within ${ms} ms`;
}
