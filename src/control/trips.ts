import type { TripOf } from '../domain/trip.js';
import { tripsDocument } from '../schema/trips.js';
import { StoreRefused } from './stores/store.js';
import type { Aside } from './stores/store.js';

/** What the gateway took back by itself. */
export interface TripBook {
  /** Reads what an earlier process has kept; rejects with {@link StoreRefused} for what is no such document. */
  load(): Promise<void>;
  all(): readonly TripOf[];
  of(plugin: string, functionName: string): TripOf | null;
  /** In force at once; kept by the next `keep`. */
  set(trip: TripOf): void;
  remove(trips: readonly TripOf[]): void;
  /** Resolves when all of it is durable. Rejects with `StoreUnavailable`. */
  keep(): Promise<void>;
  /** Whether something is in force, or over, that is not durable: a restart would not know of it. */
  isBehind(): boolean;
}

export function createTripBook(aside: Aside): TripBook {
  const trips = new Map<string, TripOf>();
  /** Changes so far, and up to which of them all are durable. */
  let changes = 0;
  let kept = 0;
  const keyOf = (plugin: string, functionName: string): string => `${plugin}/${functionName}`;

  return {
    async load() {
      const document = await aside.read();
      if (document === null) return;
      const parsed = tripsDocument.safeParse(document);
      if (!parsed.success) {
        const issue = parsed.error.issues[0];
        throw new StoreRefused(
          `the store's trips are not readable (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}); move trips.json aside: every trip in it is forgotten`,
        );
      }
      for (const each of parsed.data.trips) trips.set(keyOf(each.plugin, each.function), each);
    },
    all: () => [...trips.values()],
    of: (plugin, functionName) => trips.get(keyOf(plugin, functionName)) ?? null,
    set(trip) {
      changes += 1;
      trips.set(keyOf(trip.plugin, trip.function), trip);
    },
    remove(ended) {
      changes += 1;
      for (const { plugin, function: functionName } of ended) trips.delete(keyOf(plugin, functionName));
    },
    async keep() {
      // What is written is as of now; what changes while it is being written is not in it.
      const written = changes;
      await aside.write({ format: 'banyan/trips', version: 1, trips: [...trips.values()] });
      kept = Math.max(kept, written);
    },
    isBehind: () => kept < changes,
  };
}
