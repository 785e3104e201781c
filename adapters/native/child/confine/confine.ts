import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Enclosure } from '../../protocol/enclosure.js';
import { closeInherited } from './inherited.js';
import { separate } from './landlock.js';
import { addressOfSymbol, findInProcess, globalPointer, libc } from '../libc.js';
import type { Pointer } from '../pointer.js';
import { filterCalls } from './seccomp.js';

const IGNORE = 1n as Pointer;
const LINE_BUFFERED = 1;
const PR_SET_PDEATHSIG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
const RLIMIT_CORE = 4;
const RLIMIT_NOFILE = 7;
const RLIMIT_AS = 9;

/** Open files, what a C program has by custom: `select` with a larger number writes past its set. */
const MOST_FILES = 1024;

/** Address space for this runtime's own growth, on top of what the library may add. */
const RUNTIME_ROOM = 64 * 1024 * 1024;

/**
 * What a child does to itself before it sees any foreign code, and before it knows which that will be: what a spare has
 * done already need not be waited for. Answers what could not be denied, a sentence each.
 */
export function confine({ enclosed, parent, confine }: Enclosure): readonly string[] {
  dieWith(parent);
  closeInherited();
  // A terminal's or an init system's signals reach the whole group: only the gateway decides when a child ends.
  for (const signal of [constants.signals.SIGINT, constants.signals.SIGTERM, constants.signals.SIGHUP])
    libc.signal(signal, IGNORE);
  exitAtOnce();
  // Into a socket, stdio would keep a library's lines until its buffer is full.
  const stdout = globalPointer('stdout');
  if (stdout !== null) libc.setvbuf(stdout, null, LINE_BUFFERED, 0);
  if (process.platform === 'linux') {
    // Crashes are expected here. 1, not 0: with 0 a core handler behind a pipe would still be fed the whole process.
    limit(RLIMIT_CORE, 1);
    limit(RLIMIT_NOFILE, Math.min(MOST_FILES, hardLimit(RLIMIT_NOFILE)));
  }
  return confine === null ? [] : deny({ ...confine, enclosed });
}

function deny(denied: { readonly network: boolean; readonly spawn: boolean; readonly enclosed: boolean }) {
  separate();
  const reason = filterCalls({ ...denied, pid: process.pid });
  return reason === null ? [] : [reason];
}

/** Lets the address space grow by `bytes` from here; an allocation beyond it fails, as in any process with a limit. */
export function limitMemory(bytes: number): void {
  if (process.platform !== 'linux') return;
  const status = readFileSync('/proc/self/status', 'latin1');
  const present = Number(/^VmSize:\s*(\d+) kB/m.exec(status)?.[1]) * 1024;
  limit(RLIMIT_AS, present + RUNTIME_ROOM + bytes);
}

function dieWith(parent: number | null): void {
  const long = 'unsigned long';
  const prctl = findInProcess('prctl', 'int', ['int', long, long, long, long]);
  prctl?.(PR_SET_PDEATHSIG, constants.signals.SIGKILL, 0, 0, 0);
  prctl?.(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // It may be gone by now, and its death is told only to those who have asked.
  if (parent !== null && process.ppid !== parent) process.exit(1);
}

/**
 * Whoever ends the process, the library by `exit` or this runtime, its handlers run and its output is written; then it is
 * over. What Node.js would still do is not made for the middle of a call, and from version 22 on ends in an abort: libuv
 * has a ring of io_uring, which the filter of system calls has stopped.
 */
function exitAtOnce(): void {
  const end = findInProcess('_exit', 'void', ['int']);
  const flush = findInProcess('fflush', 'int', ['void *']);
  process.on('exit', (code) => {
    flush?.(null);
    end?.(code);
  });
  const onExit = findInProcess('on_exit', 'int', ['void *', 'void *']);
  const atExit = findInProcess('__cxa_atexit', 'int', ['void *', 'void *', 'void *']);
  // The last one that was registered runs first.
  onExit?.(addressOfSymbol('_exit'), null);
  atExit?.(addressOfSymbol('fflush'), null, null);
}

function limit(resource: number, value: number): void {
  const limits = new BigUint64Array([BigInt(value), BigInt(value)]);
  if (libc.setrlimit(resource, limits) !== 0) throw new Error(`resource limit ${resource} cannot be set to ${value}`);
}

/** The most that this process may set a limit to. */
function hardLimit(resource: number): number {
  const limits = new BigUint64Array(2);
  const getrlimit = findInProcess('getrlimit', 'int', ['int', 'void *']);
  return getrlimit?.(resource, limits) === 0 ? Number(limits[1]) : Infinity;
}
