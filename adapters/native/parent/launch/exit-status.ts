import { constants } from 'node:os';
import type { Exit } from '../../../../src/domain/exit.js';

/** Written by {@link INNER_PARENT} when the child's process exists. */
const STARTED = 'started\n';

/**
 * The child's parent inside the sandbox. bubblewrap turns a signal into exit status 128 + its number, and so does a
 * shell; but a shell also says on its own stderr what killed its child, and nothing when the child has exited.
 * So its stderr is descriptor 7, which no child gets: a text before `exit 139` means SIGSEGV, none means `exit(139)`.
 */
export const INNER_PARENT = `exec 8>&1 9>&2 1>&7 2>&7 7>&-
unset PWD OLDPWD
(echo started; exec "$@" 1>&8 2>&9 8>&- 9>&-)
echo "exit $?"`;

/** The descriptor that {@link INNER_PARENT} reports on. */
export const STATUS = 7;

const CANNOT_RUN = 126;
const NOT_FOUND = 127;
const BY_SIGNAL = 128;

export function hasStarted(report: string): boolean {
  return report.startsWith(STARTED);
}

/** How the child ended, by what its parent has reported until its own end. */
export function exitOf(report: string): { readonly exit: Exit; readonly error: Error | null } {
  const found = /^(?<said>[^]*?)exit (?<status>\d+)\n$/.exec(report.slice(STARTED.length))?.groups;
  // The parent had no time to report: all in there was killed at once.
  if (found === undefined) return { exit: { exitCode: null, signal: 'SIGKILL' }, error: null };
  const said = found['said']?.trim() ?? '';
  const status = Number(found['status']);
  if (said !== '' && status > BY_SIGNAL)
    return { exit: { exitCode: null, signal: nameOf(status - BY_SIGNAL) }, error: null };
  const started = said === '' || (status !== CANNOT_RUN && status !== NOT_FOUND);
  return { exit: { exitCode: status, signal: null }, error: started ? null : new Error(said) };
}

function nameOf(signal: number): string {
  const found = Object.entries(constants.signals).find(([, number]) => number === signal);
  return found?.[0] ?? `signal ${signal}`;
}
