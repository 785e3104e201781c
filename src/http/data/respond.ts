import type { ServerResponse } from 'node:http';
import { isFailure } from '../../domain/dispatch.js';
import type { Answer } from '../../domain/dispatch.js';
import { problemFor } from '../problem.js';
import type { Asked } from '../refuse.js';

interface Manner {
  /** Whether `x-banyan-*` headers are told. */
  readonly expose: boolean;
  /** Whether the connection ends with this response. */
  readonly last: boolean;
}

/** Writes the response of a call that was dispatched; answers its status. */
export function respond(
  response: ServerResponse,
  asked: Asked,
  answer: Answer,
  mediaType: string,
  manner: Manner,
): number {
  const headers = ['x-request-id', asked.requestId];
  if (manner.last) headers.push('connection', 'close');
  if (manner.expose && answer.backend !== null && answer.reason !== null) {
    headers.push('x-banyan-backend', answer.backend, 'x-banyan-reason', answer.reason);
    headers.push('x-banyan-revision', String(answer.revision));
  }
  if (answer.backend !== null) {
    headers.push('server-timing', `queue;dur=${answer.queueMs.toFixed(3)}, backend;dur=${answer.callMs.toFixed(3)}`);
  }
  if (isFailure(answer.result)) {
    const problem = problemFor(answer.result, { ...asked, backend: answer.backend });
    const body = Buffer.from(JSON.stringify(problem.document));
    for (const [name, value] of Object.entries(problem.headers)) headers.push(name, value);
    headers.push('content-length', String(body.length));
    response.writeHead(problem.status, headers);
    response.end(body);
    return problem.status;
  }
  const { output } = answer.result;
  headers.push('content-type', mediaType, 'content-length', String(output.length));
  response.writeHead(200, headers);
  response.end(output);
  return 200;
}
