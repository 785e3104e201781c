import type { Request } from 'express';
import type { FunctionEvidence } from '../../domain/evidence.js';
import type { LiveFunction } from '../../domain/generation.js';
import { json, type Answer } from './answer.js';
import { liveFunctionsOf } from './live-functions.js';
import type { AdminPorts } from './ports.js';
import { queryOf } from './query.js';
import { targetOf } from './target.js';

/** `GET /api/v1/evidence/{plugin}[/{function}]`: of a plugin, that of all its functions. */
export function readEvidence(request: Request, { control, evidence }: AdminPorts): Answer {
  queryOf(request.url, []);
  const target = targetOf(request.params);
  const view = (live: LiveFunction): FunctionEvidence => evidence.view(live);
  const functions = liveFunctionsOf(control.current(), target).map(view);
  return json(target.function === null ? { plugin: target.plugin, functions } : functions[0]);
}
