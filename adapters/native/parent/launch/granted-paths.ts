import { access, constants } from 'node:fs/promises';
import type { Problem } from '../../../../src/domain/backend.js';
import type { Profile } from './profile.js';

const WRITABLE = 'rw:';

/** The sandbox's own: nothing can lie there. */
const TAKEN = /^\/(proc|dev)?(\/|$)/;

export interface Grant {
  readonly inside: string;
  readonly host: string;
  readonly writable: boolean;
}

/** Outer folders come before what lies in them. */
export function grantsOf(paths: Profile['rights']['paths']): readonly Grant[] {
  return [...paths]
    .map(([inside, written]) => {
      const writable = written.startsWith(WRITABLE);
      return { inside, host: writable ? written.slice(WRITABLE.length) : written, writable };
    })
    .sort((one, other) => (one.inside < other.inside ? -1 : 1));
}

/** The first of these paths that cannot be granted; null when all can. `at` is the backend that has them. */
export async function problemOfPaths(paths: Profile['rights']['paths'], at: string): Promise<Problem | null> {
  for (const { inside, host, writable } of grantsOf(paths)) {
    const pointer = `${at}/paths/${inside.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (TAKEN.test(inside)) return { pointer, message: `${inside} cannot be granted: it is the sandbox's own` };
    try {
      await access(host, writable ? constants.R_OK | constants.W_OK : constants.R_OK);
    } catch (error) {
      return { pointer, message: `${host} cannot be granted: ${(error as Error).message}` };
    }
  }
  return null;
}
