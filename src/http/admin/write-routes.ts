import type { Request } from 'express';
import { routesBody } from '../../schema/api.js';
import { json, type Answer } from './answer.js';
import { authorOf } from './author.js';
import { readBody } from './body.js';
import { preconditionOf } from './if-match.js';
import type { AdminPorts } from './ports.js';
import { flag, queryOf } from './query.js';
import { routeViewOf } from './route-view.js';

/** `PUT /api/v1/routes`: all of them in one revision, or none. */
export async function putRoutes(request: Request, { control }: AdminPorts): Promise<Answer> {
  const dryRun = flag(queryOf(request.url, ['dry-run']), 'dry-run');
  const body = await readBody(request, routesBody);
  const { revision, routes, warnings } = await control.flip({
    edits: body.routes.map((route) => ({ ...route, cascade: false })),
    scope: 'all',
    precondition: preconditionOf(request.headers['if-match'] ?? (dryRun ? '*' : undefined)),
    dryRun,
    author: authorOf(request.headers['x-banyan-comment']),
  });
  return json({ revision, routes: routes.map(routeViewOf), warnings }, dryRun ? {} : { etag: revision });
}
