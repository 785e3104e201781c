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
  /** Whether something is in force, or over, that the last `keep` failed to keep. */
  isBehind(): boolean;
}

export function createTripBook(aside: Aside): TripBook {
  const trips = new Map<string, TripOf>();
  let behind = false;
  const keyOf = (plugin: string, functionName: string): string => `${plugin}/${functionName}`;

  return {
    async load() {
      const kept = await aside.read();
      if (kept === null) return;
      const parsed = tripsDocument.safeParse(kept);
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
    set: (trip) => void trips.set(keyOf(trip.plugin, trip.function), trip),
    remove(ended) {
      for (const { plugin, function: functionName } of ended) trips.delete(keyOf(plugin, functionName));
    },
    async keep() {
      try {
        await aside.write({ format: 'banyan/trips', version: 1, trips: [...trips.values()] });
        behind = false;
      } catch (error) {
        behind = true;
        throw error;
      }
    },
    isBehind: () => behind,
  };
}
