import { realpathSync } from 'node:fs';
import type { Environment } from './environment.js';
import { grantsOf } from './granted-paths.js';
import type { Profile } from './profile.js';
import { linkerFolders, ownFiles, systemFiles } from './sandbox-files.js';
import type { LaunchSettings } from './spawned.js';

/** Where a child may write: in memory, its own, and gone with it. */
const PRIVATE_TMP = '/tmp';

// No session of its own: the scheduler gives each session a share of the processors, and a child would compete with its
// own gateway. What a session would prevent, typing at the gateway's terminal, the filter of system calls denies.
const ISOLATED = [
  ...['--unshare-user-try', '--unshare-ipc', '--unshare-pid', '--unshare-uts', '--unshare-cgroup-try'],
  ...['--die-with-parent', '--as-pid-1', '--cap-drop', 'ALL'],
];

/** What bubblewrap is told for a child of this profile, which needs these files of this project as well. */
export function bubblewrapArguments(
  profile: Profile,
  { environment, libraryRoots }: LaunchSettings,
  files: readonly string[] = [],
): readonly string[] {
  const { network } = profile.rights;
  const roots = [...(libraryRoots ?? []), ...linkerFolders(environment['LD_LIBRARY_PATH'])];
  return [
    ...ISOLATED,
    ...(network ? [] : ['--unshare-net']),
    ...systemFiles(network),
    // To a gateway that is root, the kernel's settings in there would be open.
    ...['--proc', '/proc', '--remount-ro', '/proc', '--dev', '/dev', '--tmpfs', PRIVATE_TMP],
    ...ownFiles(files),
    ...roots.flatMap((folder) => ['--ro-bind-try', folder, folder]),
    ...profile.folders.flatMap((folder) => ['--ro-bind', folder, folder]),
    ...grantsOf(profile.rights.paths).flatMap(({ inside, host, writable }) => [
      writable ? '--bind' : '--ro-bind',
      resolved(host),
      inside,
    ]),
    // What is left of it are mount points: nothing is to be written between them.
    ...['--remount-ro', '/', '--chdir', profile.folders[0] ?? PRIVATE_TMP],
  ];
}

/** A folder for temporary files that is named in the environment is not there in a sandbox. */
export function enclosedEnvironment(environment: Environment): Environment {
  return environment['TMPDIR'] === undefined ? environment : { ...environment, TMPDIR: PRIVATE_TMP };
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // bubblewrap says what is wrong with it.
    return path;
  }
}
