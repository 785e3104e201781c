import type { Request } from 'express';
import type { Precondition } from '../../domain/control.js';
import type { Rollout } from '../../domain/rollout.js';
import { emptyBody } from '../../schema/api.js';
import { rolloutPlan } from '../../schema/rollout-plan.js';
import { json, type Answer } from './answer.js';
import { authorOf } from './author.js';
import { readBody, readOptionalBody, refuseBody } from './body.js';
import { preconditionOf } from './if-match.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';
import { RefusedRequest } from './refused-request.js';
import { rolloutViewOf } from './rollout-view.js';
import { targetOf } from './target.js';

const VERBS = ['pause', 'resume', 'promote', 'abort'] as const;

type Verb = (typeof VERBS)[number];

/** `GET /api/v1/rollouts` */
export async function readRollouts(request: Request, { rollouts }: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  return json({ rollouts: (await rollouts.all()).map(rolloutViewOf) });
}

/** `GET /api/v1/rollouts/{plugin}[/{function}]`. The ETag is that of the route which the rollout moves. */
export async function readRollout(request: Request, { rollouts }: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  const rollout = await rollouts.get(targetOf(request.params));
  return json(rolloutViewOf(rollout), { etag: revisionOf(rollout) });
}

/** `PUT /api/v1/rollouts/{plugin}[/{function}]`: its first step makes a revision of the route, so it needs If-Match. */
export async function putRollout(request: Request, { rollouts }: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  const { rollout, warnings } = await rollouts.plan({
    ...targetOf(request.params),
    plan: await readBody(request, rolloutPlan),
    precondition: preconditionOf(request.headers['if-match']),
    author: authorOf(request.headers['x-banyan-comment']),
  });
  return json({ ...rolloutViewOf(rollout), warnings }, { etag: revisionOf(rollout) });
}

/** `POST /api/v1/rollouts/{plugin}/{verb}` */
export function steerPluginRollout(request: Request, ports: AdminPorts): Promise<Answer> {
  const { plugin, function: verb } = request.params;
  // The last part of this path is no function's name, and no problem document shall say so.
  request.params = { plugin: String(plugin), verb: String(verb) };
  return steerRollout(request, ports);
}

/** `POST /api/v1/rollouts/{plugin}/{function}/{verb}`: answers warnings, too. If-Match is honoured, and not asked for. */
export async function steerRollout(request: Request, ports: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  const target = targetOf(request.params);
  const verb = verbOf(request.params['verb']);
  await readOptionalBody(request, emptyBody);
  const said = [target, authorOf(request.headers['x-banyan-comment']), wishedRevision(request)] as const;
  const { rollout, warnings } =
    verb === 'abort'
      ? await ports.rollouts.abort(...said)
      : { rollout: await ports.rollouts[verb](...said), warnings: [] };
  return json({ ...rolloutViewOf(rollout), warnings }, { etag: revisionOf(rollout) });
}

/** `DELETE /api/v1/rollouts/{plugin}[/{function}]`: answers what it was. If-Match as for a verb; it makes no revision. */
export async function deleteRollout(request: Request, ports: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  const target = targetOf(request.params);
  refuseBody(request);
  const author = authorOf(request.headers['x-banyan-comment']);
  const rollout = await ports.rollouts.remove(target, author, wishedRevision(request));
  return json(rolloutViewOf(rollout), { etag: revisionOf(rollout) });
}

function verbOf(text: unknown): Verb {
  const verb = VERBS.find((each) => each === text);
  if (verb !== undefined) return verb;
  throw new RefusedRequest({
    code: 'not-found',
    detail: `a rollout takes ${VERBS.join(', ')}, and not ${JSON.stringify(text)}`,
  });
}

function wishedRevision(request: Request): Precondition {
  const header = request.headers['if-match'];
  return header === undefined ? '*' : preconditionOf(header);
}

/** That of the route, whoever changed it last. */
function revisionOf({ revision, changed }: Rollout): number {
  return changed?.revision ?? revision;
}
