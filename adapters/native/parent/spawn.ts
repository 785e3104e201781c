import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { NativeSpec } from '../../../src/domain/native.js';
import { DESCRIPTOR } from '../protocol/descriptors.js';
import type { Exit } from './child-state.js';
import type { Environment } from './environment.js';
import type { Note } from './note.js';

const MAIN = fileURLToPath(new URL('../child/main.js', import.meta.url));

/** A started process with its channels. */
export interface Spawned {
  /** Undefined when it could not be started; `exited` tells why then. */
  readonly pid: number | undefined;
  readonly calls: Duplex;
  readonly answers: Duplex;
  readonly stdout: Duplex;
  readonly stderr: Duplex;
  kill(): void;
  /** Called once: the process is gone, and all that it ever answered has been read. */
  onGone(listener: (exit: Exit, error: Error | null) => void): void;
}

/**
 * Starts a child on an inherited note. Its working directory is the library's folder. Throws where not even channels can
 * be had; what else goes wrong comes through `onGone`.
 */
function spawnChild(spec: NativeSpec, note: number, environment: Environment): Spawned {
  const child = spawn(process.execPath, [MAIN, spec.plugin], {
    cwd: dirname(spec.library.path),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', note],
  });
  child.on('error', () => undefined);
  // Node leaves it out when there are no descriptors left, whatever its type says.
  if ((child.stdio as unknown) === undefined) throw new Error('there are too many open files');
  const stream = (descriptor: number): Duplex => {
    const found = child.stdio[descriptor] as Duplex;
    // Whatever happens to a channel, the exit that caused it is what counts.
    found.on('error', () => undefined);
    return found;
  };
  const calls = stream(DESCRIPTOR.calls);
  calls.resume();
  return {
    pid: child.pid,
    calls,
    answers: stream(DESCRIPTOR.answers),
    stdout: stream(1),
    stderr: stream(2),
    kill: () => void child.kill('SIGKILL'),
    onGone: (listener) => onGone(child, listener),
  };
}

function onGone(child: ChildProcess, listener: (exit: Exit, error: Error | null) => void): void {
  let told = false;
  const tell = (exit: Exit, error: Error | null): void => {
    if (told) return;
    told = true;
    // What the child wrote before its end is in the sockets by now, but perhaps not read: between two immediates
    // lies a whole poll, which reads it. Waiting for the end of the stream instead would hang on a descriptor
    // that a forked grandchild keeps open.
    setImmediate(() => setImmediate(() => listener(exit, error)));
  };
  child.on('exit', (exitCode, signal) => tell({ exitCode, signal }, null));
  child.on('error', (error) => {
    if (child.pid === undefined) tell({ exitCode: null, signal: null }, error);
  });
}

/** Starts a child that writes on the note; the note is closed when there will be none. */
export function spawnOn(note: Note, spec: NativeSpec, environment: Environment): Spawned {
  try {
    return spawnChild(spec, note.fd, environment);
  } catch (error) {
    note.close();
    throw error;
  }
}
