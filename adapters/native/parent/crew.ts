import { type Problem, Refused, type Report } from '../../../src/domain/backend.js';
import type { Failure } from '../../../src/domain/failure.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import { Child } from './child.js';
import { describeEnd, type End, problemsOf } from './child-state.js';
import { type CrewState, describe, refusal } from './crew-state.js';
import { deferred } from './deferred.js';
import type { Job } from './job.js';
import { RestartWindow } from './restart-window.js';
import type { NativeSettings } from './settings.js';
import { childOf, EMPTY, type Slot } from './slot.js';

export interface CrewListener {
  /** A child may have room, or the crew takes no more calls: look again at what waits. */
  changed(): void;
  /** These had been handed over, have not begun and never will there. */
  moved(jobs: readonly Job[]): void;
}

/** Keeps a pool's children alive: starts them, replaces those that end, and gives up for a while when too many do. */
export class Crew {
  readonly #spec: NativeSpec;
  readonly #bytes: Uint8Array | null;
  readonly #settings: NativeSettings;
  readonly #report: Report;
  readonly #listener: CrewListener;
  readonly #window: RestartWindow;
  readonly #slots: Slot[];
  readonly #opening = deferred();
  readonly #closing = deferred();
  #state: CrewState = { state: 'opening' };
  #rest: NodeJS.Timeout | undefined;
  #told = '';

  constructor(
    spec: NativeSpec,
    bytes: Uint8Array | null,
    settings: NativeSettings,
    report: Report,
    listener: CrewListener,
  ) {
    this.#spec = spec;
    this.#bytes = bytes;
    this.#settings = settings;
    this.#report = report;
    this.#listener = listener;
    this.#window = new RestartWindow(spec.restarts, settings.backoff, settings.random);
    this.#slots = new Array<Slot>(spec.poolSize).fill(EMPTY);
    for (let slot = 0; slot < spec.poolSize; slot++) this.#start(slot);
  }

  /** Resolves when every child has loaded the library; rejects with {@link Refused} when one cannot. */
  get opened(): Promise<void> {
    return this.#opening.promise;
  }

  /** The child with the fewest calls; null when none has room. */
  freest(): Child | null {
    let freest: Child | null = null;
    for (const slot of this.#slots)
      if (slot.state === 'ready' && slot.child.load < (freest?.load ?? Infinity)) freest = slot.child;
    return freest;
  }

  refusal(deadline: number): Failure | null {
    return refusal(this.#state, this.#slots, deadline, this.#settings.now());
  }

  /** Ends every child; resolves when they are gone. */
  close(): Promise<void> {
    clearTimeout(this.#rest);
    this.#change({ state: 'closed' });
    for (const [index, slot] of this.#slots.entries()) {
      if (slot.state === 'backing-off') {
        clearTimeout(slot.timer);
        this.#slots[index] = EMPTY;
      }
      childOf(slot)?.close(this.#settings.graceMs);
    }
    this.#closedIfEmpty();
    return this.#closing.promise;
  }

  #start(index: number): void {
    try {
      const child = new Child(this.#spec, this.#bytes, this.#settings, this.#report, {
        loaded: () => this.#loaded(index, child),
        answered: () => this.#listener.changed(),
        moved: (jobs) => this.#listener.moved(jobs),
        ended: (end) => this.#ended(index, end),
      });
      this.#put(index, { state: 'loading', child });
    } catch (error) {
      // This process is short of something: as good as a child that ended while it was loading.
      const detail = `no process can be started: ${(error as Error).message}`;
      setImmediate(() => this.#ended(index, { cause: 'load', detail }));
    }
  }

  #loaded(index: number, child: Child): void {
    this.#put(index, { state: 'ready', child });
    switch (this.#state.state) {
      case 'opening':
        if (!this.#slots.every((slot) => slot.state === 'ready')) return;
        this.#change({ state: 'serving' });
        this.#opening.resolve();
        return;
      case 'probing':
        this.#window.clear();
        this.#change({ state: 'serving' });
        for (const [empty, slot] of this.#slots.entries()) if (slot.state === 'empty') this.#start(empty);
        return;
      case 'serving':
      case 'tripped':
      case 'refused':
      case 'closed':
        return;
      default:
        this.#state satisfies never;
    }
  }

  #ended(index: number, end: End): void {
    this.#slots[index] = EMPTY;
    this.#follow(index, end);
    this.#tell();
  }

  #follow(index: number, end: End): void {
    switch (this.#state.state) {
      case 'opening':
        void this.close();
        void this.#closing.promise.then(() => this.#opening.reject(new Refused(problemsOf(end))));
        return;
      case 'closed':
        this.#closedIfEmpty();
        return;
      case 'serving':
        if (end.cause === 'refused') this.#refuse(end.problems);
        else this.#replace(index, end);
        return;
      case 'probing':
        if (end.cause === 'refused') this.#refuse(end.problems);
        else if (!this.#slots.some((slot) => slot.state === 'loading')) this.#trip(end);
        return;
      case 'tripped':
      case 'refused':
        return;
      default:
        this.#state satisfies never;
    }
  }

  #replace(index: number, end: End): void {
    const now = this.#settings.now();
    const delay = this.#window.next(now);
    if (delay === null) this.#trip(end);
    else if (delay === 0) this.#restart(index, end);
    else {
      const timer = setTimeout(() => this.#restart(index, end), delay);
      this.#put(index, { state: 'backing-off', until: now + delay, cause: describeEnd(end), timer });
    }
  }

  #restart(index: number, end: End): void {
    this.#report({ type: 'restart', cause: end.cause });
    this.#start(index);
  }

  #trip(end: End): void {
    for (const [index, slot] of this.#slots.entries()) {
      if (slot.state !== 'backing-off') continue;
      clearTimeout(slot.timer);
      this.#slots[index] = EMPTY;
    }
    const { restMs } = this.#spec.restarts;
    const until = this.#settings.now() + restMs;
    this.#change({ state: 'tripped', cause: describeEnd(end), sinceAt: Date.now(), until });
    this.#rest = setTimeout(() => this.#probe(end), restMs);
  }

  #probe(end: End): void {
    if (this.#state.state !== 'tripped') return;
    this.#change({ ...this.#state, state: 'probing' });
    this.#restart(
      this.#slots.findIndex((slot) => slot.state === 'empty'),
      end,
    );
  }

  #refuse(problems: readonly Problem[]): void {
    clearTimeout(this.#rest);
    this.#change({ state: 'refused', problems });
  }

  #closedIfEmpty(): void {
    if (this.#slots.every((slot) => slot.state === 'empty')) this.#closing.resolve();
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
    const state = describe(this.#state, this.#slots);
    const told = JSON.stringify(state);
    if (told !== this.#told) {
      this.#told = told;
      this.#report({ type: 'state', state });
    }
    this.#listener.changed();
  }
}
