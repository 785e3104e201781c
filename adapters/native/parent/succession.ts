import type { Child } from './child.js';
import type { End } from './child-state.js';
import { type Roster, serves } from './member.js';

/** After a replacement that did not come, its place is left alone for so long. */
const AGAIN_MS = 10_000;

/** What replacing needs of a crew. */
export interface Places {
  currentRoster(): Roster;
  /** The child that takes calls in this place; null when there is none. */
  seated(index: number): Child | null;
  /** Starts a child that takes this place when it is loaded; `done` hears that it has, or why not. */
  succeed(index: number, done: (end: End | null) => void): void;
  /** Has the child leave, and nobody in its place. */
  vacate(index: number, child: Child): void;
}

/** Replaces seated children by new ones without a failed call, one at a time for each place. */
export class Succession {
  readonly #places: Places;
  /** Places whose child is about to be replaced, or could not be a moment ago. */
  readonly #busy = new Set<number>();

  constructor(places: Places) {
    this.#places = places;
  }

  /** Where the new child does not come, the old one stays; `replaced` hears when it has been. */
  replace(index: number, replaced: () => void = () => undefined): void {
    if (this.#busy.has(index) || this.#places.seated(index) === null) return;
    this.#busy.add(index);
    this.#places.succeed(index, (end) => {
      if (end !== null) {
        setTimeout(() => this.#free(index), AGAIN_MS).unref();
        return;
      }
      replaced();
      this.#free(index);
    });
  }

  /** Replaces a child that has not loaded what is wanted by now: the roster may have changed since it was started. */
  keepUp(index: number): void {
    const child = this.#places.seated(index);
    if (child === null || serves(child.roster, this.#places.currentRoster())) return;
    if (this.#places.currentRoster().length > 0) this.replace(index);
    else this.#places.vacate(index, child);
  }

  #free(index: number): void {
    this.#busy.delete(index);
    this.keepUp(index);
  }
}
