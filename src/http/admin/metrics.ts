import type { Request } from 'express';
import type { Answer } from './answer.js';
import type { AdminPorts } from './ports.js';

/** `GET /metrics` */
export async function readMetrics(request: Request, { metrics }: AdminPorts): Promise<Answer> {
  const { contentType, body } = await metrics(request.headers.accept);
  return { status: 200, headers: { 'content-type': contentType, vary: 'accept' }, body };
}
