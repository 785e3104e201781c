import type { Request } from 'express';
import type { Rollout, RolloutTarget } from '../../domain/rollout.js';
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

/** `POST /api/v1/rollouts/{plugin}/{function}/{verb}`. If-Match is honoured, and not asked for. */
export async function steerRollout(request: Request, ports: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  const target = targetOf(request.params);
  const verb = verbOf(request.params['verb']);
  await readOptionalBody(request, emptyBody);
  await demandRevision(request, ports, target);
  const rollout = await ports.rollouts[verb](target, authorOf(request.headers['x-banyan-comment']));
  return json(rolloutViewOf(rollout), { etag: revisionOf(rollout) });
}

/** `DELETE /api/v1/rollouts/{plugin}[/{function}]`: answers what it was. If-Match as for a verb; it makes no revision. */
export async function deleteRollout(request: Request, ports: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  const target = targetOf(request.params);
  refuseBody(request);
  await demandRevision(request, ports, target);
  const rollout = await ports.rollouts.remove(target, authorOf(request.headers['x-banyan-comment']));
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

async function demandRevision(request: Request, { rollouts }: AdminPorts, target: RolloutTarget): Promise<void> {
  const header = request.headers['if-match'];
  const precondition = header === undefined ? '*' : preconditionOf(header);
  if (precondition === '*') return;
  const revision = revisionOf(await rollouts.get(target));
  if (precondition.includes(revision)) return;
  const detail = `the revision of its route is ${revision} by now; read it again, then decide again`;
  throw new RefusedRequest({ code: 'precondition-failed', detail, revision });
}

/** That of the route, whoever changed it last. */
function revisionOf({ revision, changed }: Rollout): number {
  return changed?.revision ?? revision;
}
