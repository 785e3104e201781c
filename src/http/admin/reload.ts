import type { Request } from 'express';
import { emptyBody } from '../../schema/api.js';
import { json, type Answer } from './answer.js';
import { authorOf } from './author.js';
import { readOptionalBody } from './body.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';

/** `POST /api/v1/reload`. It makes no revision, so it needs no If-Match. */
export async function reload(request: Request, { control }: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  await readOptionalBody(request, emptyBody);
  return json(await control.reload(authorOf(request.headers['x-banyan-comment'])));
}
