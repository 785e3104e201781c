import { type Author, type Control, Rejected } from '../domain/control.js';
import type { GatewayEvent } from '../domain/event.js';
import type { Generation } from '../domain/generation.js';
import type { TripOf } from '../domain/trip.js';
import { within } from './rollback.js';
import { pluginOf } from './rules.js';
import { stored } from './stored.js';
import type { TripBook } from './trips.js';

interface TrippingOptions {
  readonly trips: TripBook;
  readonly current: () => Generation;
  /** Puts in force what the book says. */
  readonly swapInPlace: () => void;
  readonly onEvent: (event: GatewayEvent) => void;
}

/** Takes functions back and gives them to wasm again, as {@link Control} promises. */
export interface Tripping {
  trip(made: TripOf): Promise<void>;
  end(target: Parameters<Control['endTrips']>[0], author: Author): Promise<readonly TripOf[]>;
}

export function createTripping({ trips, current, swapInPlace, onEvent }: TrippingOptions): Tripping {
  return {
    // Live first: callers are failing meanwhile.
    async trip(made) {
      trips.set(made);
      swapInPlace();
      onEvent({ type: 'trip', trip: made, ended: null });
      await stored(trips.keep());
    },
    async end(target, author) {
      const { since } = target;
      const ended = trips
        .all()
        .filter((each) => within(target, each.plugin, each.function) && (since ?? each.trip.since) === each.trip.since);
      if (ended.length === 0) {
        pluginOf(current(), target);
        throw new Rejected({ code: 'not-found', detail: `nothing of ${target.plugin} is tripped` });
      }
      trips.remove(ended);
      try {
        await stored(trips.keep());
      } catch (error) {
        // Something may have been put in force without them, or tripped anew, meanwhile.
        for (const each of ended) if (trips.of(each.plugin, each.function) === null) trips.set(each);
        swapInPlace();
        throw error;
      }
      swapInPlace();
      for (const each of ended) onEvent({ type: 'trip', trip: each, ended: author.by });
      return ended;
    },
  };
}
