import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { BackendName } from '../../domain/backend.js';
import type { Dispatcher } from '../../domain/dispatch.js';
import type { Failure } from '../../domain/failure.js';
import type { PluginFunction } from '../../domain/plugin.js';
import { isRequestId, makeRequestId } from '../request-id.js';
import { readBody } from '../read-body.js';
import { answerBrokenRequest } from '../broken-request.js';
import { connectionOf } from '../connection.js';
import { headerOf, isRepeated } from '../header.js';
import { refuse } from '../refuse.js';
import type { Asked } from '../refuse.js';
import { respond } from './respond.js';
import { targetOf } from './target.js';

const POST_ONLY: Failure = { code: 'method-not-allowed', detail: 'a function is called by POST', allow: ['POST'] };

const NO_SUCH_EXPECTATION: Failure = { code: 'bad-request', detail: 'the only expectation met here is 100-continue' };
const NO_HOST: Failure = { code: 'bad-request', detail: 'an HTTP/1.1 request names its Host' };
const CODED: Failure = { code: 'bad-request', detail: 'the only transfer coding taken here is chunked' };

/** Longer keys are refused: they would be hashed on every call. */
const KEY_LIMIT = 512;

interface DataListenerOptions {
  readonly dispatcher: Dispatcher;
  /** Bytes. */
  readonly bodyLimit: number;
  readonly allowOverride: boolean;
  readonly expose: boolean;
  readonly countRequest: (status: number) => void;
  /** Whether the process is on its way out: connections end with their next response. */
  readonly draining: () => boolean;
}

/** The listener of calls: on bare `node:http`, since every microsecond here is paid by every call. */
export function createDataListener(options: DataListenerOptions): Server {
  const { dispatcher, bodyLimit, expose, countRequest, draining } = options;

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const asked = identify(request);
    if ('code' in asked) return reject(request, response, { requestId: makeRequestId(), ...NOBODY }, asked);
    const target = targetOf(request.url ?? '');
    if ('code' in target) return reject(request, response, { ...asked, ...NOBODY }, target);
    // Spelt out: to the V8 of Node 20 each object that begins with a spread has a shape of its own, some 400 bytes more.
    const named: Asked = { requestId: asked.requestId, plugin: target.plugin, function: target.function };
    if (request.method !== 'POST') return reject(request, response, named, POST_ONLY);
    const found = dispatcher.find(target.plugin, target.function);
    if ('code' in found) return reject(request, response, named, found);
    const steering = steer(request, found);
    if ('code' in steering) return reject(request, response, named, steering);

    readBody(request, bodyLimit, {
      whole(input) {
        const { key, forced } = steering;
        const { answer, cancel } = dispatcher.dispatch({
          plugin: target.plugin,
          function: target.function,
          input,
          receivedAt: performance.now(),
          requestId: named.requestId,
          key,
          forced,
        });
        const connection = connectionOf(request.socket);
        const owed = { response, cancel };
        connection.owe(owed);
        void answer.then((result) => {
          connection.settle(owed);
          if (request.socket.destroyed) return;
          countRequest(respond(response, named, result, found.output, { expose, last: draining() }));
        });
      },
      tooLarge: () =>
        reject(request, response, named, {
          code: 'input-too-large',
          detail: `the body is over ${bodyLimit} bytes`,
          limit: bodyLimit,
        }),
    });
  }

  function reject(request: IncomingMessage, response: ServerResponse, asked: Asked, failure: Failure): void {
    countRequest(refuse(request, response, asked, failure));
  }

  function steer(request: IncomingMessage, spec: PluginFunction): Steering | Failure {
    const key = headerOf(request, spec.keyHeader);
    const forced = options.allowOverride ? headerOf(request, 'x-banyan-backend') : undefined;
    if (key !== undefined && (key.length > KEY_LIMIT || isRepeated(request, spec.keyHeader))) {
      return { code: 'bad-request', detail: `${spec.keyHeader} is one value of at most ${KEY_LIMIT} bytes` };
    }
    if (forced !== undefined && forced !== 'legacy' && forced !== 'wasm') {
      return { code: 'bad-request', detail: 'x-banyan-backend is legacy or wasm' };
    }
    return { key: key === '' ? null : (key ?? null), forced: forced ?? null };
  }

  // A request without Host is refused here, by a problem document, and not by Node's bare 400.
  const server = createServer({ keepAliveTimeout: 75_000, highWaterMark: 256 * 1024, requireHostHeader: false }, serve);
  // A caller that asks before sending a body over the limit is told no without sending it.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (!(Number(request.headers['content-length'] ?? 0) > bodyLimit)) response.writeContinue();
    serve(request, response);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    reject(request, response, { requestId: makeRequestId(), ...NOBODY }, NO_SUCH_EXPECTATION);
  });
  server.on('clientError', (error, socket) => void answerBrokenRequest(error, socket).then(countRequest));
  return server;
}

interface Steering {
  readonly key: string | null;
  readonly forced: BackendName | null;
}

const NOBODY = { plugin: null, function: null } as const;

function identify(request: IncomingMessage): { readonly requestId: string } | Failure {
  if (request.httpVersionMinor === 1 && headerOf(request, 'host') === undefined) return NO_HOST;
  const coding = headerOf(request, 'transfer-encoding');
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return CODED;
  const id = headerOf(request, 'x-request-id');
  if (id === undefined || id === '') return { requestId: makeRequestId() };
  return isRequestId(id)
    ? { requestId: id }
    : { code: 'bad-request', detail: 'x-request-id is at most 256 visible ASCII characters' };
}
