import type { ProcessTerms } from '../../../src/domain/native.js';
import { RestartWindow } from '../../../src/domain/restart-window.js';
import { describeEnd, type End } from './child-state.js';
import type { CrewState } from './crew-state.js';
import type { NativeSettings } from './settings.js';
import { giveUpWaiting, type Slot } from './slot.js';

/** What recovering needs of a crew. */
export interface Wounded {
  readonly slots: Slot[];
  currentState(): CrewState;
  hasReady(): boolean;
  change(state: CrewState): void;
  put(index: number, slot: Slot): void;
  /** Counts a restart, and starts a child in this slot. */
  restart(index: number, end: End): void;
}

/** After a lost child: the next one at once, or later, or, over the budget of restarts, none until a rest is over. */
export class Recovery {
  readonly #terms: ProcessTerms;
  readonly #now: () => number;
  readonly #window: RestartWindow;
  readonly #crew: Wounded;
  #rest: NodeJS.Timeout | undefined;

  constructor(terms: ProcessTerms, { backoff, random, now }: NativeSettings, crew: Wounded) {
    this.#terms = terms;
    this.#now = now;
    this.#window = new RestartWindow(terms.restarts, backoff, random);
    this.#crew = crew;
  }

  /** The child of this slot is gone, or has not come. */
  replace(index: number, end: End): void {
    const delay = this.#window.next(this.#now());
    // The others serve well: only there is no further one to be had.
    if (delay === null && end.cause === 'load' && this.#crew.hasReady())
      this.#restartAfter(index, end, this.#terms.restarts.restMs);
    else if (delay === null) this.trip(end);
    else if (delay === 0) this.#crew.restart(index, end);
    else this.#restartAfter(index, end, delay);
  }

  /** Rests; then one child is tried. */
  trip(end: End): void {
    giveUpWaiting(this.#crew.slots);
    const { restMs } = this.#terms.restarts;
    const until = this.#now() + restMs;
    this.#crew.change({ state: 'tripped', cause: describeEnd(end), sinceAt: Date.now(), until });
    this.#rest = setTimeout(() => this.#probe(end), restMs);
  }

  /** What was tried has gone well: the budget is whole again. */
  succeed(): void {
    this.#window.clear();
    this.#crew.change({ state: 'serving' });
  }

  stop(): void {
    clearTimeout(this.#rest);
    giveUpWaiting(this.#crew.slots);
  }

  #restartAfter(index: number, end: End, delay: number): void {
    const timer = setTimeout(() => this.#crew.restart(index, end), delay);
    this.#crew.put(index, { state: 'backing-off', until: this.#now() + delay, cause: describeEnd(end), timer });
  }

  #probe(end: End): void {
    const state = this.#crew.currentState();
    if (state.state !== 'tripped') return;
    const index = this.#crew.slots.findIndex((slot) => slot.state === 'empty');
    if (index < 0 || this.#crew.hasReady()) this.#crew.change({ state: 'half-open' });
    else {
      this.#crew.change({ ...state, state: 'probing' });
      this.#crew.restart(index, end);
    }
  }
}
