import { fileURLToPath } from 'node:url';
import { bubblewrap } from './bubblewrap.js';
import { bubblewrapArguments, enclosedEnvironment } from './bubblewrap-arguments.js';
import { containmentOf } from './containment.js';
import { launchEnclosed } from './enclosed-process.js';
import { launchPlain } from './plain-process.js';
import type { Profile } from './profile.js';
import type { LaunchSettings, Spawned } from './spawned.js';

export { containmentProblem, withMissing } from './containment.js';
export type { Spawned } from './spawned.js';

const MAIN = fileURLToPath(new URL('../child/main.js', import.meta.url));

/**
 * Starts a child on an inherited note, contained as far as that can be had. Throws where not even channels can be had; what
 * else goes wrong comes through `onGone`.
 */
export function launch(profile: Profile, note: number, settings: LaunchSettings): Spawned {
  const enclosure = bubblewrap(settings);
  const containment = containmentOf(profile, enclosure);
  if (profile.containment === 'none' || !enclosure.available)
    return launchPlain(MAIN, profile, note, settings, containment);
  return launchEnclosed({
    program: enclosure.program,
    args: bubblewrapArguments(profile, settings),
    main: MAIN,
    note,
    environment: enclosedEnvironment(settings.environment),
    containment,
  });
}
