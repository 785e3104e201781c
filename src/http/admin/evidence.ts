import { setImmediate } from 'node:timers/promises';
import type { Request } from 'express';
import type { FunctionEvidence } from '../../domain/evidence.js';
import { json, type Answer } from './answer.js';
import { liveFunctionsOf } from './live-functions.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';
import { targetOf } from './target.js';

/** `GET /api/v1/evidence/{plugin}[/{function}]`: of a plugin, that of all its functions. */
export async function readEvidence(request: Request, { control, evidence }: AdminPorts): Promise<Answer> {
  queryOf(request.url, []);
  const target = targetOf(request.params);
  const functions: FunctionEvidence[] = [];
  for (const live of liveFunctionsOf(control.current(), target)) {
    // Calls have their turn in between.
    await setImmediate();
    functions.push(await evidence.view(live));
  }
  return json(target.function === null ? { plugin: target.plugin, functions } : functions[0]);
}
