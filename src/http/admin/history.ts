import type { Request } from 'express';
import { json, type Answer } from './answer.js';
import type { AdminPorts } from './ports.js';
import { count, queryOf } from './query.js';

/** `GET /api/v1/history` */
export async function readHistory(request: Request, { control }: AdminPorts): Promise<Answer> {
  const limit = count(queryOf(request.url, ['limit']), 'limit', 50, 1000);
  return json({ revisions: await control.history(limit) });
}
