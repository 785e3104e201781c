import express, { type NextFunction, type Request, type Response } from 'express';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Rejected } from '../../domain/control.js';
import { NAME } from '../../schema/name.js';
import { answerBrokenRequest } from '../broken-request.js';
import { refuse as refuseBody } from '../refuse.js';
import { problemFor, type Refusal } from '../problem.js';
import { isRequestId, makeRequestId } from '../request-id.js';
import type { Answer, OpenAnswer } from './answer.js';
import { BODY_LIMIT } from './body.js';
import { checkOrigin } from './origin.js';
import type { AdminPorts } from './ports.js';
import { RefusedRequest } from './refused-request.js';
import { ADMIN_ROUTES, type Handler, type Method } from './routes.js';
import { checkUrl } from './url.js';

/** The admin listener; whoever makes it lets it listen and closes it. */
export function createAdmin(ports: AdminPorts): Server {
  const hosts = new Set(ports.hosts.map((host) => host.toLowerCase()));
  const app = express();
  app.disable('x-powered-by');
  app.disable('query parser');
  app.enable('case sensitive routing');
  app.enable('strict routing');

  app.use((request, response, next) => {
    prepare(request, response, ports);
    checkOrigin(request, hosts);
    checkUrl(request.url);
    next();
  });
  for (const [path, handlers] of Object.entries(ADMIN_ROUTES)) {
    const route = app.route(path);
    for (const [method, handler] of Object.entries(handlers)) {
      route[method as Method]((request, response) => serve(request, response, ports, handler));
    }
    route.all((request) => refuseMethod(request, handlers));
  }
  app.use((request) => {
    throw new RefusedRequest({ code: 'not-found', detail: `nothing is at ${request.path}` });
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else refuse(request, response, ports, error);
  });

  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, app);
  // A caller that asks before sending a body over the limit is told no without sending it.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!(Number(request.headers['content-length'] ?? 0) > BODY_LIMIT)) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('clientError', (error, socket) => void answerBrokenRequest(error, socket).then(ports.countRequest));
  return server;
}

/** What every response carries, and who hears of it. */
function prepare(request: Request, response: Response, { countRequest, log }: AdminPorts): void {
  const given = request.headers['x-request-id'];
  const kept = typeof given === 'string' && isRequestId(given);
  const requestId = kept ? given : makeRequestId();
  response.locals['requestId'] = requestId;
  response.setHeader('x-request-id', requestId);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.once('finish', () => {
    countRequest(response.statusCode);
    if (request.method === 'GET' || request.method === 'HEAD') return;
    log.info({ requestId, method: request.method, path: request.path, status: response.statusCode }, 'admin request');
  });
  if (given !== undefined && !kept) {
    throw new RefusedRequest({ code: 'bad-request', detail: 'x-request-id is at most 256 visible ASCII characters' });
  }
}

async function serve(request: Request, response: Response, ports: AdminPorts, handler: Handler): Promise<void> {
  try {
    const answer = await handler(request, ports);
    if ('open' in answer) open(response, ports, answer);
    else send(response, answer);
  } catch (error) {
    refuse(request, response, ports, error);
  }
}

function send(response: Response, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** Most such responses end by their reader's going away, of which `finish` says nothing. */
function open(response: Response, { countRequest }: AdminPorts, answer: OpenAnswer): void {
  response.once('close', () => {
    if (!response.writableFinished) countRequest(answer.status);
  });
  response.writeHead(answer.status, answer.headers);
  answer.open(response);
}

function refuseMethod(request: Request, handlers: Readonly<Partial<Record<Method, Handler>>>): never {
  const allow = Object.keys(handlers).flatMap((method) =>
    method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
  );
  throw new RefusedRequest({
    code: 'method-not-allowed',
    detail: `${request.method} is not allowed here, but ${allow.join(', ')}`,
    allow,
  });
}

function refuse(request: Request, response: Response, ports: AdminPorts, error: unknown): void {
  const refusal = refusalIn(error);
  const requestId = String(response.locals['requestId']);
  if (refusal.code === 'internal') ports.log.error({ err: error, requestId }, 'an admin request failed');
  const asked = { requestId, ...targetIn(request) };
  const { status, headers, document } = problemFor(refusal, asked);
  if (refusal.code === 'input-too-large') refuseBody(request, response, asked, refusal);
  else send(response, { status, headers, body: JSON.stringify(document) });
}

function refusalIn(error: unknown): Refusal {
  if (error instanceof RefusedRequest) return error.refusal;
  if (error instanceof Rejected) return error.rejection;
  return {
    code: 'internal',
    detail: 'the gateway failed on this request; its log has the reason under this request id',
  };
}

/** Names from the path; only what could be a name is repeated. */
function targetIn({ params }: Request): { readonly plugin: string | null; readonly function: string | null } {
  const name = (value: unknown): string | null => (typeof value === 'string' && NAME.test(value) ? value : null);
  return { plugin: name(params['plugin']), function: name(params['function']) };
}
