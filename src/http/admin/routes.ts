import type { Request } from 'express';
import type { Answer, OpenAnswer } from './answer.js';
import { readEvents } from './events.js';
import { healthz, readyz } from './health.js';
import { readEvidence } from './evidence.js';
import { readHistory } from './history.js';
import { readMetrics } from './metrics.js';
import { readMismatches } from './mismatches.js';
import { readPlugins } from './plugins.js';
import type { AdminPorts } from './ports.js';
import { readRoute, readRoutes } from './read-routes.js';
import { reload } from './reload.js';
import { rollback } from './rollback.js';
import { deleteRollout, putRollout, readRollout, readRollouts, steerPluginRollout, steerRollout } from './rollouts.js';
import { endTrips, readTrips } from './trips.js';
import { deleteRoute, putRoute } from './write-route.js';
import { putRoutes } from './write-routes.js';

export type Handler = (request: Request, ports: AdminPorts) => Answer | OpenAnswer | Promise<Answer>;

export type Method = 'get' | 'put' | 'post' | 'delete';

/** The whole admin API: paths in Express's notation, and who answers which method. */
export const ADMIN_ROUTES: Readonly<Record<string, Readonly<Partial<Record<Method, Handler>>>>> = {
  '/healthz': { get: healthz },
  '/readyz': { get: readyz },
  '/metrics': { get: readMetrics },
  '/api/v1/plugins': { get: readPlugins },
  '/api/v1/reload': { post: reload },
  '/api/v1/routes': { get: readRoutes, put: putRoutes },
  '/api/v1/routes/:plugin': { get: readRoute, put: putRoute },
  '/api/v1/routes/:plugin/:function': { get: readRoute, put: putRoute, delete: deleteRoute },
  '/api/v1/history': { get: readHistory },
  '/api/v1/rollback': { post: rollback },
  '/api/v1/trips': { get: readTrips },
  '/api/v1/trips/:plugin': { delete: endTrips },
  '/api/v1/trips/:plugin/:function': { delete: endTrips },
  '/api/v1/rollouts': { get: readRollouts },
  '/api/v1/rollouts/:plugin': { get: readRollout, put: putRollout, delete: deleteRollout },
  '/api/v1/rollouts/:plugin/:function': {
    get: readRollout,
    put: putRollout,
    post: steerPluginRollout,
    delete: deleteRollout,
  },
  '/api/v1/rollouts/:plugin/:function/:verb': { post: steerRollout },
  '/api/v1/evidence/:plugin': { get: readEvidence },
  '/api/v1/evidence/:plugin/:function': { get: readEvidence },
  '/api/v1/mismatches/:plugin/:function': { get: readMismatches },
  '/api/v1/events': { get: readEvents },
};
