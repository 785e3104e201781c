import type { Failure } from '../../../src/domain/failure.js';
import type { ProcessTerms } from '../../../src/domain/native.js';
import { Announcer } from './announcer.js';
import type { Child } from './child.js';
import { describeEnd, type End } from './child-state.js';
import { Children, type Role } from './children.js';
import { type CrewState, describe, refusal } from './crew-state.js';
import type { Job } from './job.js';
import { isSame, type Member, type Roster } from './member.js';
import { Recovery } from './recovery.js';
import type { NativeSettings } from './settings.js';
import { EMPTY, freest, readyChild, type Slot } from './slot.js';
import type { Spares } from './spares.js';
import { Succession } from './succession.js';
import { Wear } from './wear.js';

export interface CrewListener {
  /** A child may have room, or the crew takes no more calls: look again at what waits. */
  changed(): void;
  /** These had been handed over, have not begun and never will there. */
  moved(jobs: readonly Job[]): void;
}

/**
 * Keeps a pool's children alive: starts them as they are needed, replaces those that end, and gives up for a while when
 * too many do. All of them load one roster, or are about to be replaced by some that do.
 */
export class Crew {
  readonly #settings: NativeSettings;
  readonly #listener: CrewListener;
  readonly #children: Children;
  readonly #announcer = new Announcer();
  readonly #recovery: Recovery;
  readonly #slots: Slot[];
  readonly #wear: Wear;
  readonly #looking: NodeJS.Timeout | undefined;
  readonly #succession: Succession;
  #roster: Roster = [];
  #state: CrewState = { state: 'opening' };

  constructor(terms: ProcessTerms, settings: NativeSettings, spares: Spares, listener: CrewListener) {
    this.#settings = settings;
    this.#listener = listener;
    this.#children = new Children(settings, spares, {
      loaded: (child, role) => this.#loaded(child, role),
      answered: (child, role) => this.#answered(child, role),
      moved: (jobs) => listener.moved(jobs),
      ended: (role, end) => this.#ended(role, end),
    });
    this.#succession = new Succession({
      currentRoster: () => this.#roster,
      seated: (index) => readyChild(this.#slots[index] ?? EMPTY),
      succeed: (index, done) => this.#succeed(index, this.#roster, done),
      vacate: (index, child) => {
        this.#children.retire(child);
        this.#put(index, EMPTY);
      },
    });
    this.#slots = new Array<Slot>(terms.poolSize).fill(EMPTY);
    this.#recovery = new Recovery(terms, settings, {
      slots: this.#slots,
      currentState: () => this.#state,
      hasReady: () => this.#ready.length > 0,
      change: (state) => this.#change(state),
      put: (index, slot) => this.#put(index, slot),
      restart: (index, end) => this.#restart(index, end),
    });
    this.#wear = new Wear(terms.recycle);
    if (terms.recycle.growth !== null) this.#looking = setInterval(() => this.#look(), settings.lookMs).unref();
  }

  /** Children that may take calls from one another: they have loaded the same, and none is on trial. */
  get balanced(): readonly Child[] {
    if (this.#state.state !== 'serving') return [];
    return this.#ready.filter(({ roster }) => isSame(roster, this.#roster));
  }

  get #ready(): readonly Child[] {
    return this.#slots.flatMap((slot) => readyChild(slot) ?? []);
  }

  /** The child with the fewest calls that has loaded this member; null when none has room. */
  freest(member: Member): Child | null {
    return freest(this.#slots, member, this.#state.state === 'half-open' ? 1 : Infinity);
  }

  refusal(member: Member, deadline: number): Failure | null {
    return refusal(this.#state, this.#slots, member, deadline, this.#settings.now());
  }

  /** Starts one more child if there may be one more: those that run are busy. */
  grow(): void {
    if (this.#state.state !== 'serving' || this.#slots.some((slot) => slot.state === 'loading')) return;
    const index = this.#slots.findIndex((slot) => slot.state === 'empty');
    if (index >= 0) this.#fill(index);
  }

  /**
   * Loads a roster in one child beside those that run, then, one after the other, in all of them. Resolves when the
   * first has taken its place: with null, or with why it could not, and then nothing has changed.
   */
  renew(roster: Roster): Promise<End | null> {
    return new Promise((resolve) =>
      this.#succeed(0, roster, (end) => {
        if (end === null) this.#adopt(roster);
        resolve(end);
      }),
    );
  }

  /** Has only these loaded from now on, whatever it takes: children with others leave, and new ones are started. */
  insist(roster: Roster): void {
    this.#load(roster);
    for (const [index, slot] of this.#slots.entries()) {
      if (slot.state !== 'ready' && slot.state !== 'loading') continue;
      if (slot.child.roster.every((member) => roster.includes(member))) continue;
      this.#children.retire(slot.child);
      this.#fill(index);
    }
    this.#tell();
  }

  /** It is not of this crew any more. */
  forget(member: Member): void {
    this.#announcer.dismiss(member);
  }

  /** Resolves when no process has its library loaded. */
  without(member: Member): Promise<void> {
    return this.#children.without(member);
  }

  /** Ends every child; resolves when they are gone. */
  async close(): Promise<void> {
    clearInterval(this.#looking);
    this.#recovery.stop();
    this.#change({ state: 'closed' });
    await this.#children.close();
  }

  #adopt(roster: Roster): void {
    this.#load(roster);
    if (this.#state.state === 'opening') this.#change({ state: 'serving' });
    this.#tell();
    for (let index = 1; index < this.#slots.length; index++) this.#succession.replace(index);
  }

  #load(roster: Roster): void {
    this.#roster = roster;
    this.#children.keepSpareFor(roster);
  }

  #look(): void {
    for (const [index, slot] of this.#slots.entries())
      if (slot.state === 'ready' && this.#wear.hasGrown(slot.child)) this.#recycle(index);
  }

  #recycle(index: number): void {
    this.#succession.replace(index, () => {
      for (const member of this.#roster) member.report({ type: 'restart', cause: 'recycled' });
    });
  }

  #succeed(index: number, roster: Roster, done: (end: End | null) => void): void {
    this.#children.start(roster, { role: 'successor', index, done });
  }

  #loaded(child: Child, role: Role): void {
    if (role.role !== 'starter' && role.role !== 'successor') return;
    const { index } = role;
    const before = this.#slots[index] ?? EMPTY;
    if (before.state === 'backing-off') clearTimeout(before.timer);
    if ((before.state === 'ready' || before.state === 'loading') && before.child !== child)
      this.#children.retire(before.child);
    this.#children.seat(child, index);
    this.#wear.begin(child);
    if (this.#state.state === 'probing') this.#change({ state: 'half-open' });
    this.#put(index, { state: 'ready', child });
    if (role.role === 'successor') role.done(null);
    this.#succession.keepUp(index);
  }

  #answered(child: Child, role: Role): void {
    if (role.role === 'seated') {
      // A call has come to its end, and the process has not: that is what was to be shown.
      if (this.#state.state === 'half-open' && child.answered > 0) {
        this.#recovery.succeed();
      }
      if (this.#wear.isOverCalls(child)) this.#recycle(role.index);
    }
    this.#listener.changed();
  }

  #ended(role: Role, end: End): void {
    switch (role.role) {
      case 'starter':
      case 'seated':
        this.#lost(role.index, end);
        return;
      case 'successor':
        role.done(end);
        return;
      case 'leaving':
        return;
      default:
        role satisfies never;
    }
  }

  /** The child of a slot is gone, or has not come. */
  #lost(index: number, end: End): void {
    this.#slots[index] = EMPTY;
    switch (this.#state.state) {
      case 'serving':
        this.#follow(index, end);
        break;
      case 'probing':
      case 'half-open':
        if (end.cause === 'refused') this.#follow(index, end);
        else this.#recovery.trip(end);
        break;
      case 'opening':
      case 'tripped':
      case 'closed':
        break;
      default:
        this.#state satisfies never;
    }
    this.#tell();
  }

  #follow(index: number, end: End): void {
    if (end.cause !== 'refused') {
      this.#recovery.replace(index, end);
      return;
    }
    // Not a crash: trying again without a change is pointless. The others of the roster are not to blame.
    for (const [member, problems] of end.members) member.refused = problems;
    this.#load(this.#roster.filter((member) => member.refused === null));
    if (this.#state.state !== 'serving') this.#change({ state: 'serving' });
    this.#fill(index);
  }

  #restart(index: number, end: End): void {
    for (const member of this.#roster) member.report({ type: 'restart', cause: end.cause, detail: describeEnd(end) });
    this.#fill(index);
  }

  #fill(index: number): void {
    this.#slots[index] = EMPTY;
    if (this.#roster.length === 0) return;
    const child = this.#children.start(this.#roster, { role: 'starter', index });
    if (child !== null) this.#put(index, { state: 'loading', child });
  }

  #put(index: number, slot: Slot): void {
    this.#slots[index] = slot;
    this.#tell();
  }

  #change(state: CrewState): void {
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    for (const member of new Set([...this.#roster, ...this.#announcer.members]))
      this.#announcer.tell(member, describe(this.#state, this.#slots, member));
    this.#listener.changed();
  }
}
