import type { Request } from 'express';
import { json, type Answer } from './answer.js';
import { liveFunctionsOf } from './live-functions.js';
import type { AdminPorts } from './ports.js';
import { choice, count, queryOf } from './query.js';
import { targetOf } from './target.js';

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 1_000;

/** `GET /api/v1/mismatches/{plugin}/{function}`: kept samples; with `format=corpus` as lines for `verify` and `fuzz`. */
export async function readMismatches(request: Request, { control, mismatches }: AdminPorts): Promise<Answer> {
  const query = queryOf(request.url, ['limit', 'format']);
  const limit = count(query, 'limit', DEFAULT_LIMIT, LARGEST_LIMIT);
  const format = choice(query, 'format', ['json', 'corpus']);
  const target = targetOf(request.params);
  liveFunctionsOf(control.current(), target);
  const name = target.function ?? '';
  if (format === 'corpus') {
    const lines = await mismatches.export(target.plugin, name);
    return {
      status: 200,
      headers: { 'content-type': 'application/jsonl; charset=utf-8' },
      body: lines.map((line) => `${line}\n`).join(''),
    };
  }
  const { samples, counts, others } = await mismatches.read(target.plugin, name, { limit });
  return json({ plugin: target.plugin, function: name, samples, counts, others });
}
