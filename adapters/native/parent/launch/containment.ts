import type { Containment, Problem } from '../../../../src/domain/backend.js';
import { FILTERED_ARCHITECTURES } from '../../protocol/enclosure.js';
import { AT } from '../../protocol/opening.js';
import { type Availability, bubblewrap } from './bubblewrap.js';
import { grantsOf, problemOfPaths } from './granted-paths.js';
import type { Profile } from './profile.js';
import type { LaunchSettings } from './spawned.js';

const LINUX = process.platform === 'linux';

/** Why children of this profile cannot be started with what their containment asks for; null when they can. `at` is the backend. */
export async function containmentProblem(
  profile: Pick<Profile, 'containment' | 'rights'>,
  settings: Pick<LaunchSettings, 'bubblewrap'> = {},
  at: string = AT.backend,
): Promise<Problem | null> {
  if (profile.containment === 'none') return null;
  const problem = await problemOfPaths(profile.rights.paths, at);
  if (problem !== null || profile.containment === 'preferred') return problem;
  const reason = missingIn(bubblewrap(settings));
  return reason === null ? null : { pointer: `${at}/containment`, message: `it is required, but ${reason}` };
}

function missingIn(enclosure: Availability): string | null {
  if (!enclosure.available) return enclosure.reason;
  return isFiltered() ? null : `system calls cannot be filtered on ${process.arch}`;
}

/** What is in force in a child of this profile if it can deny to itself what it is told to. */
export function containmentOf(profile: Profile, enclosure: Availability): Containment {
  const { network, spawn, paths } = profile.rights;
  const limits = LINUX ? ['limits'] : [];
  if (profile.containment === 'none') return { ...UNCONTAINED, by: limits };
  if (!LINUX) return { ...UNCONTAINED, missing: ['nothing is denied: containment is for Linux alone'] };
  const inForce = {
    network: network ? 'all' : 'none',
    processes: spawn ? 'allowed' : 'denied',
  } as const;
  if (enclosure.available)
    return { ...inForce, files: 'granted', by: ['bubblewrap', 'seccomp', ...limits], missing: [] };
  const missing = [`files are not denied: ${enclosure.reason}`];
  if (grantsOf(paths).some(({ inside, host }) => inside !== host))
    missing.push('granted paths are not where they were asked for: every file lies where it lies on the host');
  return { ...inForce, files: 'all', by: ['seccomp', ...limits], missing };
}

/** The same when the child has said what it could not deny to itself, which is the filter of system calls or nothing. */
export function withMissing(containment: Containment, missing: readonly string[]): Containment {
  if (missing.length === 0) return containment;
  const by = containment.by.filter((each) => each !== 'seccomp');
  return {
    network: by.includes('bubblewrap') ? containment.network : 'all',
    files: containment.files,
    processes: 'allowed',
    by,
    missing: [...containment.missing, ...missing],
  };
}

const UNCONTAINED: Containment = { network: 'all', files: 'all', processes: 'allowed', by: [], missing: [] };

function isFiltered(): boolean {
  return FILTERED_ARCHITECTURES.some((each) => each === process.arch);
}
