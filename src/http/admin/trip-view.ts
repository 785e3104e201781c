import type { TripOf } from '../../domain/trip.js';
import type { TripView } from '../../schema/trips.js';

export function tripViewOf({ plugin, function: name, trip }: TripOf): TripView {
  return { plugin, function: name, ...trip, figures: { ...trip.figures } };
}
