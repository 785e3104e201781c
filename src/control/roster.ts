import { Rejected } from '../domain/control.js';
import type { Route } from '../domain/route.js';
import { announce } from './announce.js';
import { backendsOf, build, fits, type Built } from './build.js';
import type { ControlOptions } from './options.js';
import { wantedBy } from './unloaded.js';

/** The backends that are in force. */
export interface Roster {
  all(): readonly Built[];
  /**
   * What these routes need of `from` (default: of what is in force): loaded where it is not yet, a place holder for what
   * nobody needs. Nothing is in force by it. Rejects with `conflict` when a backend cannot be loaded again; then
   * everything that is not in force is closed.
   */
  fitted(routes: readonly Route[], from?: readonly Built[]): Promise<readonly Built[]>;
  /** Puts others in force, by `swap`; those that are so no more drain and close. */
  replace(next: readonly Built[], swap: () => void): void;
  /** Closes what was built and is not in force. */
  discard(next: readonly Built[]): void;
}

export function createRoster({ open, reportFor, onEvent }: ControlOptions): Roster {
  let built: readonly Built[] = [];

  function retireOthers(of: readonly Built[], than: readonly Built[]): void {
    const kept = new Set(backendsOf(than));
    for (const backend of backendsOf(of)) if (!kept.has(backend)) void backend.retire();
  }

  return {
    all: () => built,
    async fitted(routes, from = built) {
      const wanted = wantedBy(routes);
      if (from.every((each) => fits(each, wanted))) return from;
      const next = await Promise.all(
        from.map((each) =>
          fits(each, wanted) ? Promise.resolve(each) : build(each.plugin, each, { open, reportFor, wanted }),
        ),
      );
      const why = refusedIn(next, from);
      if (why === null) return next;
      retireOthers([...next, ...from], built);
      throw new Rejected({ code: 'conflict', detail: why });
    },
    replace(next, swap) {
      const before = built;
      built = next;
      swap();
      announce(before, built, onEvent);
      retireOthers(before, built);
    },
    discard: (next) => retireOthers(next, built),
  };
}

/** Why a backend that was unloaded, and is needed again, will not run. */
function refusedIn(next: readonly Built[], before: readonly Built[]): string | null {
  const known = new Set(backendsOf(before));
  for (const backend of backendsOf(next)) {
    const state = backend.state();
    if (known.has(backend) || backend.name !== 'legacy' || state.state !== 'refused') continue;
    return `the ${backend.name} backend cannot be loaded again: ${state.problems.map((each) => each.message).join('; ')}`;
  }
  return null;
}
