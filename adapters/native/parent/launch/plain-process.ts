import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { Containment } from '../../../../src/domain/backend.js';
import type { Exit } from '../../../../src/domain/exit.js';
import type { Profile } from './profile.js';
import { afterReading, channelsOf, type Command, type LaunchSettings, type Spawned } from './spawned.js';

/** Starts a child with nothing around it: what holds it back, it does to itself. */
export function launchPlain(
  [program, ...args]: Command,
  profile: Profile,
  note: number,
  { environment }: LaunchSettings,
  containment: Containment,
): Spawned {
  const child = spawn(program, args, {
    cwd: profile.folders[0] ?? tmpdir(),
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', note],
  });
  child.on('error', () => undefined);
  return {
    pid: child.pid,
    containment,
    ...channelsOf(child),
    kill: () => void child.kill('SIGKILL'),
    onPid: (listener) => {
      if (child.pid !== undefined) listener(child.pid);
    },
    onGone: (listener) => {
      let told = false;
      const tell = (exit: Exit, error: Error | null): void => {
        if (told) return;
        told = true;
        afterReading(() => listener(exit, error));
      };
      child.on('exit', (exitCode, signal) => tell({ exitCode, signal }, null));
      child.on('error', (error) => {
        if (child.pid === undefined) tell({ exitCode: null, signal: null }, error);
      });
    },
  };
}
