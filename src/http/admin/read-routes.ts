import type { Request } from 'express';
import { json, type Answer } from './answer.js';
import { liveFunctionsOf } from './live-functions.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';
import { routeViewOf } from './route-view.js';
import { targetOf } from './target.js';

/** `GET /api/v1/routes` */
export function readRoutes(request: Request, { control }: AdminPorts): Answer {
  queryOf(request.url, []);
  const { revision } = control.current();
  return json({ revision, routes: control.routes().map(routeViewOf) }, { etag: revision });
}

/** `GET /api/v1/routes/{plugin}[/{function}]` */
export function readRoute(request: Request, { control }: AdminPorts): Answer {
  queryOf(request.url, []);
  const target = targetOf(request.params);
  liveFunctionsOf(control.current(), target);
  const found = control.routes().find((route) => route.plugin === target.plugin && route.function === target.function);
  if (found === undefined) throw new Error(`${target.plugin} has a function without a route`);
  return json(routeViewOf(found), { etag: found.revision });
}
