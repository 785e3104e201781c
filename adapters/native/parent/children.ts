import type { Job } from './job.js';
import { Child } from './child.js';
import type { End } from './child-state.js';
import { deferred } from './deferred.js';
import { type Member, readLibraries, type Roster } from './member.js';
import { profileOf } from './launch/profile.js';
import type { NativeSettings } from './settings.js';
import type { Spares } from './spares.js';

/** What a child is to its crew. */
export type Role =
  /** Loading, to fill its slot. */
  | { readonly role: 'starter'; readonly index: number }
  /** Loading, to take the place of whatever is in the slot then; `done` hears that it has, or why not. */
  | { readonly role: 'successor'; readonly index: number; readonly done: (end: End | null) => void }
  | { readonly role: 'seated'; readonly index: number }
  /** Takes no more calls. */
  | { readonly role: 'leaving' };

export interface ChildrenListener {
  loaded(child: Child, role: Role): void;
  answered(child: Child, role: Role): void;
  moved(jobs: readonly Job[]): void;
  /** It is not among the children any more. */
  ended(role: Role, end: End): void;
}

/** Every process of a crew that has not ended, and what it is there for. */
export class Children {
  readonly #settings: NativeSettings;
  readonly #spares: Spares;
  readonly #listener: ChildrenListener;
  readonly #roles = new Map<Child, Role>();
  #oneGone = deferred();
  #releaseSpare: () => void = () => undefined;

  constructor(settings: NativeSettings, spares: Spares, listener: ChildrenListener) {
    this.#settings = settings;
    this.#spares = spares;
    this.#listener = listener;
  }

  /** Starts a child that loads a roster; null when no process can be had, of which `ended` tells in a moment. */
  start(roster: Roster, role: Role): Child | null {
    try {
      const profile = profileOf(roster);
      const child: Child = new Child(this.#spares.take(profile), roster, this.#settings, {
        loaded: () => {
          this.#spares.refill(profile);
          this.#tell(child, (now) => this.#listener.loaded(child, now));
        },
        answered: () => this.#tell(child, (now) => this.#listener.answered(child, now)),
        moved: (jobs) => this.#listener.moved(jobs),
        ended: (end) => this.#ended(child, end),
      });
      this.#roles.set(child, role);
      this.#open(child).catch((error: unknown) => child.abandon({ cause: 'load', detail: (error as Error).message }));
      return child;
    } catch (error) {
      // This process is short of something: as good as a child that ended while it was loading.
      const detail = `no process can be started: ${(error as Error).message}`;
      setImmediate(() => this.#listener.ended(role, { cause: 'load', detail }));
      return null;
    }
  }

  /** Has a process in reserve for children with this roster, from now on until they are closed. */
  keepSpareFor(roster: Roster): void {
    const before = this.#releaseSpare;
    this.#releaseSpare = roster.length > 0 ? this.#spares.hold(profileOf(roster)) : () => undefined;
    before();
  }

  seat(child: Child, index: number): void {
    this.#roles.set(child, { role: 'seated', index });
  }

  /** It answers what runs in it, and leaves. */
  retire(child: Child): void {
    this.#roles.set(child, { role: 'leaving' });
    child.retire();
  }

  /** Resolves when no process has this member's library loaded. */
  async without(member: Member): Promise<void> {
    while ([...this.#roles.keys()].some((child) => child.roster.includes(member))) await this.#oneGone.promise;
  }

  /** Ends all of them; resolves when they are gone. */
  async close(): Promise<void> {
    this.keepSpareFor([]);
    for (const child of this.#roles.keys()) child.close();
    while (this.#roles.size > 0) await this.#oneGone.promise;
  }

  async #open(child: Child): Promise<void> {
    const libraries = await readLibraries(child.roster);
    if ('refused' in libraries) child.abandon({ cause: 'refused', members: libraries.refused });
    else child.open(libraries.bytes);
  }

  #tell(child: Child, tell: (role: Role) => void): void {
    const role = this.#roles.get(child);
    if (role !== undefined) tell(role);
  }

  #ended(child: Child, end: End): void {
    const role = this.#roles.get(child);
    this.#roles.delete(child);
    const before = this.#oneGone;
    this.#oneGone = deferred();
    before.resolve();
    if (role !== undefined) this.#listener.ended(role, end);
  }
}
