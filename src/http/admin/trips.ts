import type { Request } from 'express';
import type { TripOf } from '../../domain/trip.js';
import type { TripsView } from '../../schema/trips.js';
import { json, type Answer } from './answer.js';
import { authorOf } from './author.js';
import { refuseBody } from './body.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';
import { targetOf } from './target.js';
import { tripViewOf } from './trip-view.js';

/** `GET /api/v1/trips` */
export function readTrips(request: Request, { control }: AdminPorts): Answer {
  queryOf(request.url, []);
  return json(tripsViewOf(control.trips()));
}

/** `DELETE /api/v1/trips/{plugin}[/{function}]`: answers the trips that it ended. It makes no revision. */
export async function endTrips(request: Request, { control }: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  const target = targetOf(request.params);
  refuseBody(request);
  const ended = await control.endTrips(target, authorOf(request.headers['x-banyan-comment']));
  return json(tripsViewOf(ended));
}

function tripsViewOf(trips: readonly TripOf[]): TripsView {
  return { trips: trips.map(tripViewOf) };
}
