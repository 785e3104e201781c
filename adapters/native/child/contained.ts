import { Worker } from 'node:worker_threads';
import type { Enclosure } from '../protocol/enclosure.js';
import { confine } from './confine/confine.js';
import type { ContainedThread } from './contained-thread.js';

/*
 * A process for a program of another adapter: holds itself back as a child that runs libraries does, and then runs that
 * program, which is named by its URL. Whoever started this one has chosen both.
 *
 * The program runs in a thread: libuv gives the event loop that a process starts with a ring of io_uring, in Node.js 24
 * whatever the environment says, and aborts where it comes to use it behind the filter of system calls. A loop that is
 * made behind the filter has none. So this thread must not come back to its loop: it sleeps until the other one has ended.
 */
const [, , enclosure = '', program = ''] = process.argv;

const missing = confine(JSON.parse(enclosure) as Enclosure);
const ended = new Int32Array(new SharedArrayBuffer(8));
new Worker(new URL('./contained-thread.js', import.meta.url), {
  workerData: { program, missing, ended } satisfies ContainedThread,
});
Atomics.wait(ended, 0, 0);
process.exit(ended[1]);
