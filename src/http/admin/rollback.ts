import type { Request } from 'express';
import { rollbackBody } from '../../schema/api.js';
import { json, type Answer } from './answer.js';
import { authorOf } from './author.js';
import { readOptionalBody } from './body.js';
import { preconditionOf } from './if-match.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';
import { routeViewOf } from './route-view.js';

/** `POST /api/v1/rollback` */
export async function rollback(request: Request, { control }: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  const { revision, routes, warnings } = await control.rollback({
    ...(await readOptionalBody(request, rollbackBody)),
    precondition: preconditionOf(request.headers['if-match']),
    author: authorOf(request.headers['x-banyan-comment']),
  });
  return json({ revision, routes: routes.map(routeViewOf), warnings }, { etag: revision });
}
