import { spawnSync } from 'node:child_process';
import { bubblewrapArguments, enclosedEnvironment } from './bubblewrap-arguments.js';
import type { LaunchSettings } from './spawned.js';

export type Availability =
  { readonly available: true; readonly program: string } | { readonly available: false; readonly reason: string };

const TRIAL_MS = 5_000;
const NOTHING = {
  containment: 'required',
  rights: { network: false, spawn: false, paths: new Map() },
  folders: [],
} as const;

const tried = new Map<string, Availability>();

/** Whether children can be enclosed here: found out once for each program, by enclosing something (5 ms). */
export function bubblewrap(settings: Pick<LaunchSettings, 'bubblewrap'>): Availability {
  if (process.platform !== 'linux') return { available: false, reason: 'bubblewrap is for Linux alone' };
  const program = settings.bubblewrap === undefined ? 'bwrap' : settings.bubblewrap;
  if (program === null) return { available: false, reason: 'bubblewrap is switched off' };
  const known = tried.get(program) ?? attempt(program);
  tried.set(program, known);
  return known;
}

function attempt(program: string): Availability {
  const environment = enclosedEnvironment({ PATH: process.env['PATH'] ?? '/usr/bin:/bin' });
  const { error, status, stderr } = spawnSync(
    program,
    [...bubblewrapArguments(NOTHING, { environment }), '/bin/sh', '-c', ':'],
    { env: environment, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'], timeout: TRIAL_MS },
  );
  if (error === undefined && status === 0) return { available: true, program };
  const missing = (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  if (missing) return { available: false, reason: `bubblewrap (${program}) is not installed` };
  const said = error?.message ?? stderr.trim().split('\n')[0] ?? `exit status ${status ?? 'unknown'}`;
  return { available: false, reason: `bubblewrap does not work here: ${said}` };
}
