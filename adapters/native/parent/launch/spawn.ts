import { fileURLToPath } from 'node:url';
import type { Enclosure } from '../../protocol/enclosure.js';
import { bubblewrap } from './bubblewrap.js';
import { bubblewrapArguments, enclosedEnvironment } from './bubblewrap-arguments.js';
import { containmentOf } from './containment.js';
import { launchEnclosed } from './enclosed-process.js';
import { launchPlain } from './plain-process.js';
import type { Profile } from './profile.js';
import type { Command, LaunchSettings, Spawned } from './spawned.js';

export { containmentProblem } from './containment.js';

/** What runs in a child. */
export interface Program {
  readonly main: string;
  /** After the enclosure. */
  readonly args: readonly string[];
  /** What it needs of this project besides the adapter and the domain. */
  readonly files: readonly string[];
}

const LIBRARIES: Program = {
  main: fileURLToPath(new URL('../../child/main.js', import.meta.url)),
  args: [],
  files: [],
};

/**
 * Starts a child on an inherited note, contained as far as that can be had. Throws where not even channels can be had; what
 * else goes wrong comes through `onGone`.
 */
export function launch(
  profile: Profile,
  note: number,
  settings: LaunchSettings,
  program: Program = LIBRARIES,
): Spawned {
  const enclosure = bubblewrap(settings);
  const containment = containmentOf(profile, enclosure);
  const { network, spawn } = profile.rights;
  const confine = profile.containment === 'none' ? null : { network, spawn };
  if (profile.containment === 'none' || !enclosure.available) {
    const command = commandOf(program, { enclosed: false, parent: process.pid, confine });
    return launchPlain(command, profile, note, settings, containment);
  }
  return launchEnclosed({
    program: enclosure.program,
    args: bubblewrapArguments(profile, settings, program.files),
    command: commandOf(program, { enclosed: true, parent: null, confine }),
    note,
    environment: enclosedEnvironment(settings.environment),
    containment,
  });
}

function commandOf({ main, args }: Program, enclosure: Enclosure): Command {
  return [process.execPath, main, JSON.stringify(enclosure), ...args];
}
