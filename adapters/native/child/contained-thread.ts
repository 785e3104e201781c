import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { RunContained } from '../../../src/domain/contained.js';
import { DESCRIPTOR } from '../protocol/descriptors.js';

/** What the process hands to the thread that its program runs in. */
export interface ContainedThread {
  /** The URL of a module with a `run`. */
  readonly program: string;
  /** What could not be denied. */
  readonly missing: readonly string[];
  /** Words that the process sleeps on: 1 once this thread has ended, and with which status. */
  readonly ended: Int32Array;
}

// The process starts this file and hands over nothing but a ContainedThread.
const { program, missing, ended } = workerData as ContainedThread;

process.on('exit', (code) => {
  ended[1] = code;
  Atomics.store(ended, 0, 1);
  Atomics.notify(ended, 0);
});
// What a thread prints goes through the first one, which sleeps.
process.on('uncaughtException', (error) => {
  writeSync(2, `${error.stack ?? error.message}\n`);
  process.exit(1);
});

const { run } = (await import(program)) as { readonly run: RunContained };
run({ incoming: DESCRIPTOR.calls, outgoing: DESCRIPTOR.answers, note: DESCRIPTOR.note, missing });
