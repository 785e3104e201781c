import type { Request } from 'express';
import { json, type Answer } from './answer.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';
import { RefusedRequest } from './refused-request.js';
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
  const ofPlugin = control.routes().filter((route) => route.plugin === target.plugin);
  const found = ofPlugin.find((route) => route.function === target.function);
  if (found !== undefined) return json(routeViewOf(found), { etag: found.revision });
  if (ofPlugin.length > 0) {
    throw new RefusedRequest({
      code: 'unknown-function',
      detail: `plugin ${target.plugin} has no function ${String(target.function)}`,
    });
  }
  throw new RefusedRequest({
    code: 'unknown-plugin',
    detail: control.current().disabled.has(target.plugin)
      ? `plugin ${target.plugin} is disabled and has no routes: GET /api/v1/plugins says why`
      : `no plugin is called ${target.plugin}`,
  });
}
