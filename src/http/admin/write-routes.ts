import type { Request } from 'express';
import { routesBody } from '../../schema/api.js';
import { adviceIn } from './advice-view.js';
import { json, type Answer } from './answer.js';
import { authorOf } from './author.js';
import { readBody } from './body.js';
import { preconditionOf } from './if-match.js';
import type { AdminPorts } from './ports.js';
import { flag, queryOf } from './query.js';
import { routeViewOf } from './route-view.js';

/** `PUT /api/v1/routes`: all of them in one revision, or none. */
export async function putRoutes(request: Request, { control }: AdminPorts): Promise<Answer> {
  const query = queryOf(request.url, ['dry-run', 'force']);
  const dryRun = flag(query, 'dry-run');
  const body = await readBody(request, routesBody);
  const flipped = await control.flip({
    edits: body.routes.map((route) => ({ ...route, cascade: false })),
    scope: 'all',
    precondition: preconditionOf(request.headers['if-match'] ?? (dryRun ? '*' : undefined)),
    dryRun,
    force: flag(query, 'force'),
    author: authorOf(request.headers['x-banyan-comment']),
  });
  const { revision, routes, warnings } = flipped;
  const answer = { revision, routes: routes.map(routeViewOf), warnings, ...adviceIn(flipped, dryRun) };
  return json(answer, dryRun ? {} : { etag: revision });
}
