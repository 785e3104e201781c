import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import type { Containment } from '../../../../src/domain/backend.js';
import type { Exit } from '../../../../src/domain/exit.js';
import { DESCRIPTOR } from '../../protocol/descriptors.js';
import type { Environment } from './environment.js';

/** A started process with its channels. */
export interface Spawned {
  /** The host's number of the process that runs the libraries; undefined until it is known, and where none was started. */
  readonly pid: number | undefined;
  /** What holds it back from outside, and what that could not do. */
  readonly containment: Containment;
  readonly calls: Duplex;
  readonly answers: Duplex;
  readonly stdout: Duplex;
  readonly stderr: Duplex;
  /** Ends it at once, with all that it has started where it is enclosed. */
  kill(): void;
  /** Called once, as soon as `pid` is known; at once if it is. */
  onPid(listener: (pid: number) => void): void;
  /** Called once: the process is gone, and all that it ever answered has been read. */
  onGone(listener: (exit: Exit, error: Error | null) => void): void;
}

/** A program with its arguments. */
export type Command = readonly [program: string, ...args: string[]];

export interface LaunchSettings {
  /** All of a child's environment. */
  readonly environment: Environment;
  /** Folders that libraries are looked up in; their dependencies may lie there too. */
  readonly libraryRoots?: readonly string[] | undefined;
  /** The program; null: none is used. Default: `bwrap`. */
  readonly bubblewrap?: string | null | undefined;
}

/** The channels of a process that was started with pipes on their descriptors. Throws when there are none left. */
export function channelsOf(child: ChildProcess): Pick<Spawned, 'calls' | 'answers' | 'stdout' | 'stderr'> {
  const calls = streamOf(child, DESCRIPTOR.calls);
  calls.resume();
  return {
    calls,
    answers: streamOf(child, DESCRIPTOR.answers),
    stdout: streamOf(child, 1),
    stderr: streamOf(child, 2),
  };
}

export function streamOf(child: ChildProcess, descriptor: number): Duplex {
  // Node leaves it out when there are no descriptors left, whatever its type says.
  if ((child.stdio as unknown) === undefined) throw new Error('there are too many open files');
  const found = child.stdio[descriptor] as Duplex;
  // Whatever happens to a channel, the exit that caused it is what counts.
  found.on('error', () => undefined);
  return found;
}

/**
 * What a process wrote before its end is in the sockets by now, but perhaps not read: between two immediates lies a whole
 * poll, which reads it. Waiting for the end of the stream instead would hang on a descriptor that a forked grandchild keeps open.
 */
export function afterReading(tell: () => void): void {
  setImmediate(() => setImmediate(tell));
}

/** Ends the gateway's side. What a process that the library has started still holds of the other is nobody's any more. */
export function closeChannels({ calls, answers, stdout, stderr }: Spawned): void {
  calls.destroy();
  answers.destroy();
  afterReading(() => {
    stdout.destroy();
    stderr.destroy();
  });
}
