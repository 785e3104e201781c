import { spawn } from 'node:child_process';
import type { Containment } from '../../../../src/domain/backend.js';
import type { Exit } from '../../../../src/domain/exit.js';
import type { Environment } from './environment.js';
import { exitOf, hasStarted, INNER_PARENT, STATUS } from './exit-status.js';
import { childrenOf, parentOf } from './process-tree.js';
import { afterReading, channelsOf, type Command, type Spawned, streamOf } from './spawned.js';

/**
 * A terminal's or an init system's signals reach every process of a group: only the gateway decides when a sandbox ends.
 * What a process ignores, those that follow it ignore as well.
 */
const DEAF = `trap '' INT TERM HUP; exec "$@"`;

/** How long bubblewrap may take to notice that all inside it is dead. */
const STOPPED_MS = 1_000;

/** Where bubblewrap tells the host's number of the first process inside. */
const INFO = 6;

export interface Enclosed {
  /** bubblewrap, and what it is told. */
  readonly program: string;
  readonly args: readonly string[];
  readonly command: Command;
  readonly note: number;
  readonly environment: Environment;
  readonly containment: Containment;
}

/**
 * Starts a child inside bubblewrap: bwrap, which lives as long as all of it; the first process inside, a shell that
 * waits; and the child. When the first one inside dies, the kernel kills the rest, and bwrap ends after that.
 */
export function launchEnclosed({ program, args, command, note, environment, containment }: Enclosed): Spawned {
  const inside = ['/bin/sh', '-c', INNER_PARENT, 'sh', ...command];
  const bwrap = spawn('/bin/sh', ['-c', DEAF, 'sh', program, ...args, '--info-fd', String(INFO), ...inside], {
    cwd: '/',
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', note, 'pipe', 'pipe'],
  });
  bwrap.on('error', () => undefined);
  const channels = channelsOf(bwrap);
  const info = streamOf(bwrap, INFO);
  const status = streamOf(bwrap, STATUS);

  let first: number | undefined;
  let pid: number | undefined;
  let isToDie = false;
  let report = '';
  const awaiting: ((pid: number) => void)[] = [];

  const endFirst = (): void => {
    // The number is free again once bwrap has waited for the process.
    if (first !== undefined && parentOf(first) === bwrap.pid) endProcess(first);
  };
  const findPid = (): void => {
    if (pid !== undefined || first === undefined || !hasStarted(report)) return;
    pid = childrenOf(first)[0];
    if (pid !== undefined) for (const listener of awaiting.splice(0)) listener(pid);
  };

  let told = '';
  info.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    const found = /"child-pid": (\d+)/.exec(told)?.[1];
    if (found === undefined || first !== undefined) return;
    first = Number(found);
    if (isToDie) endFirst();
    findPid();
  });
  status.on('data', (chunk: Buffer) => {
    report += chunk.toString();
    findPid();
  });

  return {
    get pid() {
      return pid;
    },
    containment,
    ...channels,
    kill() {
      isToDie = true;
      endFirst();
      // It ends by itself after that, unless somebody has stopped it.
      setTimeout(() => bwrap.kill('SIGKILL'), STOPPED_MS).unref();
    },
    onPid(listener) {
      if (pid === undefined) awaiting.push(listener);
      else listener(pid);
    },
    onGone(listener) {
      bwrap.on('error', (error) => {
        if (bwrap.pid === undefined) afterReading(() => listener({ exitCode: null, signal: null }, error));
      });
      const ended = new Promise<Exit>((resolve) =>
        bwrap.on('exit', (exitCode, signal) => resolve({ exitCode, signal })),
      );
      const reported = new Promise<void>((resolve) => status.on('close', resolve));
      void Promise.all([ended, reported]).then(([own]) => {
        const { exit, error } = hasStarted(report) || isToDie ? exitOf(report) : notStarted(own);
        afterReading(() => listener(exit, error));
      });
    },
  };
}

function notStarted(exit: Exit): { exit: Exit; error: Error } {
  const how = exit.signal ?? `status ${exit.exitCode ?? 'unknown'}`;
  return { exit, error: new Error(`bubblewrap ended with ${how} before the child began; its reason is in the output`) };
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
