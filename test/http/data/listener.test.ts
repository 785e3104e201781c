import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { assemble } from '#src/control/assemble.js';
import { own } from '#src/control/lease.js';
import { Deadlines } from '#src/dispatch/deadline.js';
import { createDispatcher } from '#src/dispatch/dispatcher.js';
import { queued } from '#src/dispatch/queue.js';
import type { Observation } from '#src/domain/observation.js';
import type { Route } from '#src/domain/route.js';
import { createDataListener } from '#src/http/data/listener.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plugin } from '../../control/plugins.js';
import { scriptedBackend } from '../../scripted-backend.js';
import type { ScriptedBackend } from '../../scripted-backend.js';

const LIMIT = 100_000;

let server: Server;
let port: number;
let legacy: ScriptedBackend;
let wasm: ScriptedBackend;
let observations: Observation[];
let statuses: number[];
let routes: Route[];

async function listen(more: { allowOverride?: boolean; expose?: boolean; queue?: number } = {}): Promise<void> {
  const declared = plugin('pricing');
  legacy = scriptedBackend({ size: 1 });
  wasm = scriptedBackend({ size: 1 });
  const live = (name: 'legacy' | 'wasm', backend: ScriptedBackend) =>
    own({
      name,
      spec: declared.backends[name]!,
      fingerprint: '',
      backend: queued(backend, { name, limit: more.queue ?? 10 }),
      state: () => ({ state: 'ready', pids: [] }),
    });
  const generation = assemble({
    revision: 7,
    routes,
    built: [{ plugin: declared, legacy: live('legacy', legacy), wasm: live('wasm', wasm) }],
    disabled: new Map([['broken', { name: 'broken', problems: [] }]]),
    tripOf: () => null,
  });
  server = createDataListener({
    dispatcher: createDispatcher({
      current: () => generation,
      deadlines: new Deadlines(),
      observe: (observation) => observations.push(observation),
      onDefect: (defect) => {
        throw defect;
      },
    }),
    bodyLimit: LIMIT,
    allowOverride: more.allowOverride ?? false,
    expose: more.expose ?? true,
    countRequest: (status) => statuses.push(status),
    draining: () => false,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
}

beforeEach(async () => {
  observations = [];
  statuses = [];
  routes = [];
  await listen();
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function send(path: string, init: { method?: string; headers?: Record<string, string>; body?: Buffer } = {}) {
  const { method = 'POST', headers = {}, body = Buffer.alloc(0) } = init;
  const outgoing = httpRequest({ port, host: '127.0.0.1', path, method, headers, agent: false });
  const response = (async (): Promise<Response> => {
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    return { status: incoming.statusCode!, headers: incoming.headers, body: Buffer.concat(chunks) };
  })();
  outgoing.end(body);
  return { outgoing, response };
}

/** Resolves when the backend holds that many calls. */
async function holds(backend: ScriptedBackend, count = 1): Promise<void> {
  while (backend.held.length < count) await new Promise((resolve) => setImmediate(resolve));
}

const problem = (response: Response): Record<string, unknown> => {
  expect(response.headers['content-type']).toBe('application/problem+json');
  return JSON.parse(response.body.toString()) as Record<string, unknown>;
};

describe('a call', () => {
  it('reaches the backend with its very bytes, and its reply comes back with what decided about it', async () => {
    const body = Buffer.from([0, 255, 10, 13, 0]);
    const { response } = send('/plugins/pricing/quote', { body, headers: { 'x-request-id': 'mine' } });
    await holds(legacy);
    const [held] = legacy.held;
    expect(Buffer.from(held!.call.input)).toEqual(body);
    expect(held!.call).toMatchObject({ plugin: 'pricing', function: 'quote', requestId: 'mine', role: 'primary' });
    held!.reply('{"total":1}');
    const { status, headers, body: output } = await response;
    expect(status).toBe(200);
    expect(output.toString()).toBe('{"total":1}');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': '11',
      'x-request-id': 'mine',
      'x-banyan-backend': 'legacy',
      'x-banyan-reason': 'stage',
      'x-banyan-revision': '7',
    });
    expect(headers['server-timing']).toMatch(/^queue;dur=\d+\.\d+, backend;dur=\d+\.\d+$/);
    expect(observations).toMatchObject([{ plugin: 'pricing', backend: 'legacy', role: 'primary', outcome: 'ok' }]);
    expect(statuses).toEqual([200]);
  });

  it('in many chunks is one input', async () => {
    const { outgoing, response } = send('/plugins/pricing/quote', { headers: { 'transfer-encoding': 'chunked' } });
    await holds(legacy);
    legacy.held[0]!.reply('');
    expect((await response).status).toBe(200);
    outgoing.destroy();
    const big = Buffer.alloc(LIMIT, 'x');
    const second = send('/plugins/pricing/quote', { body: big });
    await holds(legacy);
    expect(Buffer.from(legacy.held[0]!.call.input).equals(big)).toBe(true);
    legacy.held[0]!.reply('');
    expect((await second.response).status).toBe(200);
  });

  it('is given an id where it brings none', async () => {
    const { response } = send('/plugins/pricing/quote');
    await holds(legacy);
    legacy.held[0]!.reply('');
    expect((await response).headers['x-request-id']).toMatch(/^[0-9a-f]{12}-\w+$/);
  });

  it.each([
    [{ code: 'crashed', detail: 'SIGSEGV', signal: 'SIGSEGV' } as const, 502],
    [{ code: 'trapped', detail: 'unreachable' } as const, 502],
    [{ code: 'plugin-error', detail: 'status 7', status: 7 } as const, 500],
    [{ code: 'unavailable', detail: 'tripped', retryAfterMs: 2500 } as const, 503],
  ])('that fails (%j) is answered with its problem and the status %d', async (failure, status) => {
    const { response } = send('/plugins/pricing/quote', { headers: { 'x-request-id': 'mine' } });
    await holds(legacy);
    legacy.held[0]!.fail(failure);
    const answer = await response;
    expect(answer.status).toBe(status);
    expect(answer.headers['x-banyan-backend']).toBe('legacy');
    expect(problem(answer)).toMatchObject({
      status,
      code: failure.code,
      detail: failure.detail,
      requestId: 'mine',
      plugin: 'pricing',
      function: 'quote',
      backend: 'legacy',
    });
    if (failure.code === 'unavailable') expect(answer.headers['retry-after']).toBe('3');
    expect(observations).toMatchObject([{ outcome: failure.code }]);
  });

  it('that outlasts its deadline is answered timeout, also while it waits in the queue', async () => {
    const running = send('/plugins/pricing/quote');
    await holds(legacy);
    const [held] = legacy.held;
    // The one that runs keeps its place until the other has waited in vain.
    const stopped = new Promise<void>((resolve) => (held!.call.onStop = () => resolve()));
    expect((await send('/plugins/pricing/quote').response).status).toBe(504);
    expect(observations).toMatchObject([{ outcome: 'timeout', callMs: null }]);
    await stopped;
    held!.fail({ code: 'timeout', detail: 'killed', begun: true });
    expect((await running.response).status).toBe(504);
    expect(observations[1]).toMatchObject({ outcome: 'timeout', callMs: expect.any(Number) as number });
    expect(legacy.held).toEqual([]);
  });

  it('that finds the queue full is answered overloaded with Retry-After', async () => {
    server.close();
    await listen({ queue: 1 });
    const first = send('/plugins/pricing/quote');
    await holds(legacy);
    const others = [send('/plugins/pricing/quote'), send('/plugins/pricing/quote')];
    const refused = await Promise.race(others.map((each) => each.response));
    expect(refused.status).toBe(503);
    expect(problem(refused)).toMatchObject({ code: 'overloaded' });
    expect(refused.headers['retry-after']).toBe('1');
    legacy.held[0]!.reply('');
    await first.response;
    await holds(legacy);
    legacy.held[0]!.reply('');
    await Promise.all(others.map((each) => each.response));
  });

  it('whose caller hangs up is cancelled, and recorded as such', async () => {
    const { outgoing, response } = send('/plugins/pricing/quote');
    await holds(legacy);
    outgoing.destroy();
    await expect(response).rejects.toThrow();
    while (observations.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(observations).toMatchObject([{ outcome: 'cancelled' }]);
    expect(legacy.held).toEqual([]);
  });
});

describe('calls that are pipelined on one connection', () => {
  const pipelined = (count: number): string =>
    'POST /plugins/pricing/quote HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'.repeat(count);

  it('are all cancelled when it is closed', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write(pipelined(5));
    await holds(legacy);
    socket.destroy();
    while (observations.length < 5) await new Promise((resolve) => setImmediate(resolve));
    expect(observations.map(({ outcome }) => outcome)).toEqual(Array(5).fill('cancelled'));
  });

  it('get their answers although what follows them is no HTTP', async () => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(`${pipelined(1)}GARBAGE\r\n\r\n`);
    await holds(legacy);
    legacy.held[0]!.reply('mine');
    await once(socket, 'close');
    expect(text).toMatch(/^HTTP\/1\.1 200 [^]*mineHTTP\/1\.1 400 /);
  });
});

it('a target in absolute form is the same call', async () => {
  const { response } = send('http://gateway.example/plugins/pricing/quote');
  await holds(legacy);
  legacy.held[0]!.reply('');
  expect((await response).status).toBe(200);
});

describe('routing', () => {
  const canary = { stage: 'canary', percent: 50, sample: 0, allow: ['vip'], fallback: false } as const;
  const ask = async (headers: Record<string, string>): Promise<IncomingHttpHeaders> => {
    const { response } = send('/plugins/pricing/quote', { headers });
    while (legacy.held.length + wasm.held.length === 0) await new Promise((resolve) => setImmediate(resolve));
    [...legacy.held, ...wasm.held][0]!.reply('');
    return (await response).headers;
  };

  it('splits keys by their bucket, the same way every time', async () => {
    routes = [{ plugin: 'pricing', function: null, stage: canary, revision: 7 }];
    server.close();
    await listen();
    const sides = async (): Promise<unknown[]> => {
      const all: unknown[] = [];
      for (let key = 0; key < 40; key++) all.push((await ask({ 'x-banyan-key': `k${key}` }))['x-banyan-backend']);
      return all;
    };
    const first = await sides();
    expect(new Set(first)).toEqual(new Set(['legacy', 'wasm']));
    expect(await sides()).toEqual(first);
    expect(await ask({ 'x-banyan-key': 'vip' })).toMatchObject({
      'x-banyan-backend': 'wasm',
      'x-banyan-reason': 'allowlist',
    });
  });

  it('ignores a forced side unless the configuration allows it', async () => {
    expect(await ask({ 'x-banyan-backend': 'wasm' })).toMatchObject({ 'x-banyan-backend': 'legacy' });
    server.close();
    await listen({ allowOverride: true });
    expect(await ask({ 'x-banyan-backend': 'wasm' })).toMatchObject({
      'x-banyan-backend': 'wasm',
      'x-banyan-reason': 'override',
    });
  });

  it('tells nothing of itself where the configuration says so', async () => {
    server.close();
    await listen({ expose: false });
    expect(Object.keys(await ask({})).filter((name) => name.startsWith('x-banyan'))).toEqual([]);
  });
});

describe('a request that is no call', () => {
  it.each<[string, string, object, number, string]>([
    ['another path', '/', {}, 404, 'not-found'],
    ['a path without a function', '/plugins/pricing', {}, 404, 'not-found'],
    ['a path with more', '/plugins/pricing/quote/more', {}, 404, 'not-found'],
    ['an unknown plugin', '/plugins/nope/quote', {}, 404, 'unknown-plugin'],
    ['an unknown function', '/plugins/pricing/nope', {}, 404, 'unknown-function'],
    ['a disabled plugin', '/plugins/broken/quote', {}, 503, 'unavailable'],
    ['another method', '/plugins/pricing/quote', { method: 'GET' }, 405, 'method-not-allowed'],
    ['malformed percent-encoding', '/plugins/pricing/%E0%A4%A', {}, 400, 'bad-request'],
    ['a name that is none', '/plugins/pricing/..%2f..%2fetc', {}, 400, 'bad-request'],
    ['an id that is none', '/plugins/pricing/quote', { headers: { 'x-request-id': 'a b' } }, 400, 'bad-request'],
    [
      'a key that is too long',
      '/plugins/pricing/quote',
      { headers: { 'x-banyan-key': 'k'.repeat(513) } },
      400,
      'bad-request',
    ],
    ['a body over the limit', '/plugins/pricing/quote', { body: Buffer.alloc(LIMIT + 1) }, 413, 'input-too-large'],
  ])('(%s) is answered %4$s', async (_what, path, init, status, code) => {
    const answer = await send(path, init).response;
    expect(answer.status).toBe(status);
    expect(problem(answer)).toMatchObject({ status, code, requestId: answer.headers['x-request-id'] });
    if (status === 405) expect(answer.headers.allow).toBe('POST');
    expect(statuses).toEqual([status]);
    expect(legacy.held).toEqual([]);
  });

  it('because its body is over the limit is refused before the body has come, and the connection is closed', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /plugins/pricing/quote HTTP/1.1\r\nhost: x\r\ncontent-length: ${LIMIT * 100}\r\n\r\nonly a little`,
    );
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer.toLowerCase()).toContain('connection: close');
  });

  it('because its chunks run over the limit is refused in the middle, and its sender gets to read why', async () => {
    const outgoing = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/plugins/pricing/quote',
      method: 'POST',
      agent: false,
    });
    for (let sent = 0; sent < LIMIT * 20; sent += 10_000) outgoing.write(Buffer.alloc(10_000));
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(incoming.statusCode).toBe(413);
    incoming.resume();
    outgoing.end();
    await once(incoming, 'end');
  });

  it.each([
    ['without a Host', 'POST /plugins/pricing/quote HTTP/1.1\r\n\r\n'],
    ['with an expectation that nobody knows', 'POST / HTTP/1.1\r\nhost: x\r\nexpect: banana\r\n\r\n'],
    [
      'in a coding that nobody undoes',
      'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ],
    ['with two keys', 'POST /plugins/pricing/quote HTTP/1.1\r\nhost: x\r\nx-banyan-key: a\r\nx-banyan-key: b\r\n\r\n'],
  ])('%s is answered by a problem document', async (_what, text) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(text);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 400 [^]*"code":"bad-request"/);
    socket.destroy();
  });

  it('because it is no HTTP is answered, and counted', async () => {
    const socket = connect(port, '127.0.0.1');
    socket.write('hello\r\n\r\n');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(statuses).toEqual([400]);
  });
});
