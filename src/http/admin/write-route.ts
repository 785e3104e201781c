import type { Request } from 'express';
import type { Flip, RouteEdit } from '../../domain/control.js';
import { stage } from '../../schema/stage.js';
import { adviceIn } from './advice-view.js';
import { json, type Answer } from './answer.js';
import { authorOf } from './author.js';
import { readBody, refuseBody } from './body.js';
import { preconditionOf } from './if-match.js';
import type { AdminPorts } from './ports.js';
import { flag, queryOf } from './query.js';
import { routeViewOf } from './route-view.js';
import { targetOf } from './target.js';

/**
 * `PUT /api/v1/routes/{plugin}[/{function}]`. A dry run makes no revision, so it needs no If-Match. `force` retires legacy
 * without proof.
 */
export async function putRoute(request: Request, ports: AdminPorts): Promise<Answer> {
  const target = targetOf(request.params);
  const query = queryOf(request.url, ['dry-run', 'force', ...(target.function === null ? ['cascade'] : [])]);
  const edit = { ...target, stage: await readBody(request, stage), cascade: flag(query, 'cascade') };
  return flipOne(request, ports, edit, { dryRun: flag(query, 'dry-run'), force: flag(query, 'force') });
}

/** `DELETE /api/v1/routes/{plugin}/{function}`: the function follows its plugin again. */
export async function deleteRoute(request: Request, ports: AdminPorts): Promise<Answer> {
  const target = targetOf(request.params);
  const dryRun = flag(queryOf(request.url, ['dry-run']), 'dry-run');
  refuseBody(request);
  return flipOne(request, ports, { ...target, stage: null, cascade: false }, { dryRun, force: false });
}

async function flipOne(
  request: Request,
  ports: AdminPorts,
  edit: RouteEdit,
  { dryRun, force }: { readonly dryRun: boolean; readonly force: boolean },
): Promise<Answer> {
  const flip: Flip = {
    edits: [edit],
    scope: 'route',
    precondition: preconditionOf(request.headers['if-match'] ?? (dryRun ? '*' : undefined)),
    dryRun,
    force,
    author: authorOf(request.headers['x-banyan-comment']),
  };
  const flipped = await ports.control.flip(flip);
  const { routes, warnings } = flipped;
  const route = routes.find((each) => each.plugin === edit.plugin && each.function === edit.function);
  if (route === undefined) throw new Error(`the flip of ${edit.plugin} answered without its route`);
  return json(
    { ...routeViewOf(route), warnings, ...adviceIn(flipped, dryRun) },
    dryRun ? {} : { etag: route.revision },
  );
}
