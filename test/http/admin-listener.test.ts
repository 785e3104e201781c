import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { pluginsView, readinessView } from '#src/schema/api.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { send, startGateway } from './gateway.js';
import type { Received, Sent, TestGateway } from './gateway.js';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.close());

const get = (path: string, headers: Sent['headers'] = {}): Promise<Received> => send(gateway.admin, path, { headers });
const put = (sent: Sent): Promise<Received> =>
  send(gateway.admin, '/api/v1/routes/pricing', {
    method: 'PUT',
    ...sent,
    headers: { 'if-match': '*', ...sent.headers },
  });

describe('a problem document', () => {
  it('has the members of RFC 9457, the code, the names and the request id', async () => {
    const { headers, json } = await get('/api/v1/routes/pricing/tax', { 'x-request-id': 'r-1' });
    expect(headers['content-type']).toBe('application/problem+json');
    expect(headers['x-request-id']).toBe('r-1');
    expect(json).toEqual({
      type: 'urn:banyan:problem:unknown-function',
      title: 'The plugin has no such function',
      status: 404,
      detail: 'plugin pricing has no function tax',
      code: 'unknown-function',
      requestId: 'r-1',
      plugin: 'pricing',
      function: 'tax',
    });
  });

  it('answers a path that there is not', async () => {
    for (const path of ['/', '/api', '/api/v1/routes/', '/API/v1/routes', '/api/v1/routes/a/b/c', '//']) {
      expect(await get(path)).toMatchObject({ status: 404, json: { code: 'not-found' } });
    }
  });

  it.each([
    ['POST', '/healthz', 'GET, HEAD'],
    ['DELETE', '/api/v1/routes', 'GET, HEAD, PUT'],
    ['DELETE', '/api/v1/routes/pricing', 'GET, HEAD, PUT'],
    ['PATCH', '/api/v1/routes/pricing/quote', 'GET, HEAD, PUT, DELETE'],
    ['GET', '/api/v1/rollback', 'POST'],
    ['OPTIONS', '/api/v1/plugins', 'GET, HEAD'],
  ])('answers %s %s with what is allowed', async (method, path, allow) => {
    const { status, headers, json } = await send(gateway.admin, path, { method });
    expect([status, headers.allow, json['code']]).toEqual([405, allow, 'method-not-allowed']);
  });

  it.each(['/api/v1/routes/%zz', '/api/v1/routes/%', '/nowhere/%ff', '/api/v1/history?limit=%e0%a4'])(
    'answers the malformed percent-encoding of %s',
    async (path) => {
      expect(await get(path)).toMatchObject({ status: 400, json: { code: 'bad-request' } });
    },
  );

  it.each(['/api/v1/routes/a%2Fb', '/api/v1/routes/..%2e', `/api/v1/routes/${'x'.repeat(65)}`, '/api/v1/routes/p/%00'])(
    'answers %s, which holds no name',
    async (path) => {
      expect(await get(path)).toMatchObject({ status: 400, json: { code: 'bad-request' } });
    },
  );

  it('answers what is no HTTP', async () => {
    const socket = connect(Number(new URL(gateway.admin).port), '127.0.0.1');
    socket.end('SPAM\r\n\r\n');
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"bad-request"');
    expect(gateway.statuses).toEqual([400]);
  });

  it('says nothing of an unexpected error but its request id, under which it is logged', async () => {
    await gateway.close();
    gateway = await startGateway({ metrics: () => Promise.reject(new Error('secret of the gateway')) });
    const { status, text: body, json } = await get('/metrics');
    expect([status, json['code']]).toEqual([500, 'internal']);
    expect(body).not.toMatch(/secret|\.ts|\.js/);
    expect(gateway.logged).toMatchObject([
      { level: 'error', fields: { requestId: json['requestId'], err: { message: 'secret of the gateway' } } },
    ]);
  });
});

describe('who may ask', () => {
  const port = (): string => new URL(gateway.admin).port;

  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.0.0.2', '[::1]', 'admin.example'])(
    'Host %s is served, on whatever port a tunnel has',
    async (host) => {
      expect((await get('/healthz', { host })).status).toBe(200);
      expect((await get('/healthz', { host: `${host}:9999` })).status).toBe(200);
    },
  );

  it.each([
    'evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    'localhost:x',
    'user@localhost',
    '[::2]',
    '127.0.0.1.evil',
  ])('Host %s is not served, on any path', async (host) => {
    for (const path of ['/healthz', '/metrics', '/api/v1/routes', '/nowhere']) {
      expect(await get(path, { host })).toMatchObject({ status: 421, json: { code: 'misdirected-request' } });
    }
  });

  it('an empty Host is not served', async () => {
    const socket = connect(Number(port()), '127.0.0.1');
    socket.end('GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 421 /);
  });

  it('refuses two Host headers', async () => {
    const socket = connect(Number(port()), '127.0.0.1');
    socket.end('GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('takes requests from its own origin', async () => {
    expect((await get('/api/v1/routes', { origin: gateway.admin })).status).toBe(200);
    expect((await get('/api/v1/routes', { host: 'admin.example', origin: 'https://admin.example' })).status).toBe(200);
  });

  it.each(['https://evil.example', 'null', 'http://localhost:3000', 'http://admin.example', ''])(
    'refuses reads and writes from origin "%s"',
    async (origin) => {
      expect(await get('/api/v1/routes', { origin })).toMatchObject({ status: 403, json: { code: 'forbidden' } });
      expect((await put({ body: { stage: 'wasm' }, headers: { origin } })).status).toBe(403);
      expect(gateway.control.current().revision).toBe(0);
    },
  );
});

describe('a body', () => {
  const stage = JSON.stringify({ stage: 'wasm' });

  it.each([
    ['application/json', 200],
    ['application/json; charset=utf-8', 200],
    ['Application/JSON;charset="UTF-8"', 200],
    ['application/json; charset=latin1', 415],
    ['application/merge-patch+json', 415],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['', 415],
  ])('as "%s" is answered %i', async (type, status) => {
    const answer = await put({ body: stage, headers: { 'content-type': type } });
    expect(answer.status).toBe(status);
    if (status === 415) expect(answer.json['code']).toBe('unsupported-media-type');
  });

  it('without a media type, or compressed, is refused', async () => {
    expect((await put({ body: stage })).status).toBe(415);
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await put({ body: stage, headers })).status).toBe(415);
  });

  it('of a form is refused where a body is optional, too', async () => {
    for (const path of ['/api/v1/reload', '/api/v1/rollback']) {
      const headers = { 'content-type': 'text/plain', 'if-match': '*' };
      expect((await send(gateway.admin, path, { method: 'POST', body: '{}', headers })).status).toBe(415);
    }
  });

  it.each(['{', '', '{"stage":"wasm"} trailing', "{'stage':'wasm'}", '\ufffd'])('%j is not JSON', async (body) => {
    const { status, json } = await put({ body, headers: { 'content-type': 'application/json' } });
    expect([status, json['code']]).toEqual([400, 'bad-request']);
  });

  it('that is not UTF-8 is not JSON', async () => {
    const outgoing = httpRequest(`${gateway.admin}/api/v1/routes/pricing`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-match': '*' },
    });
    outgoing.end(Buffer.from('7b22737461676522 3a22ff227d'.replaceAll(' ', ''), 'hex'));
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    incoming.resume();
    expect(incoming.statusCode).toBe(400);
  });

  it('of an announced size over 1 MiB is refused before it comes', async () => {
    const outgoing = httpRequest(`${gateway.admin}/api/v1/routes/pricing`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-match': '*', 'content-length': 1024 * 1024 + 1 },
    });
    outgoing.flushHeaders();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect([incoming.statusCode, incoming.headers.connection]).toEqual([413, 'close']);
    incoming.setEncoding('utf8');
    const [body] = (await once(incoming, 'data')) as [string];
    expect(JSON.parse(body)).toMatchObject({ code: 'input-too-large' });
    outgoing.on('error', () => undefined).destroy();
  });

  it('that grows over 1 MiB is refused, and the client gets to read it', async () => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const { status, json } = await put({ body: ' '.repeat(3 * 1024 * 1024), headers });
    expect([status, json['code']]).toEqual([413, 'input-too-large']);
  });

  it('is not sent at all by a client that asks first', async () => {
    const outgoing = httpRequest(`${gateway.admin}/api/v1/routes/pricing`, {
      method: 'PUT',
      headers: { expect: '100-continue', 'content-type': 'application/json', 'content-length': 2 * 1024 * 1024 },
    });
    let continued = false;
    outgoing.on('continue', () => (continued = true)).flushHeaders();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect([incoming.statusCode, continued]).toEqual([413, false]);
    outgoing.on('error', () => undefined).destroy();
  });

  it('is refused where none belongs', async () => {
    const sent = { method: 'DELETE', body: {}, headers: { 'content-length': '2', 'if-match': '*' } };
    expect((await send(gateway.admin, '/api/v1/routes/pricing/quote', sent)).status).toBe(400);
  });
});

describe('every response', () => {
  it('carries a request id, kept or made, and what keeps browsers from guessing and caching', async () => {
    const { headers } = await get('/api/v1/routes');
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers['x-request-id']).toMatch(/^\S+$/);
    expect(headers['x-powered-by']).toBeUndefined();
    expect((await get('/nowhere', { 'x-request-id': 'mine' })).headers['x-request-id']).toBe('mine');
    expect((await get('/healthz', { 'x-request-id': 'two words' })).status).toBe(400);
  });

  it('is counted once by its status, and writes are logged', async () => {
    await get('/healthz');
    await get('/nowhere');
    await put({ body: { stage: 'wasm' }, headers: { 'x-request-id': 'w-1' } });
    expect(gateway.statuses).toEqual([200, 404, 200]);
    expect(gateway.logged).toMatchObject([
      { level: 'info', fields: { requestId: 'w-1', method: 'PUT', path: '/api/v1/routes/pricing', status: 200 } },
    ]);
  });
});

describe('health and readiness', () => {
  const readiness = async (): Promise<readonly [number, string]> => {
    const { status, json } = await get('/readyz');
    return [status, readinessView.parse(json).status];
  };
  const reloadWithout = async (name: string): Promise<void> => {
    gateway.found = { plugins: gateway.found.plugins, disabled: new Map() };
    expect((await send(gateway.admin, '/api/v1/reload', { method: 'POST' })).status).toBe(200);
    expect(gateway.found.disabled.has(name)).toBe(false);
  };

  it('is degraded, and says why, while a plugin is disabled', async () => {
    const { status, json } = await get('/readyz');
    expect(status).toBe(200);
    const { checks, ...view } = readinessView.parse(json);
    expect(view.status).toBe('degraded');
    expect(checks.find((each) => each.name === 'plugin broken')).toEqual({
      name: 'plugin broken',
      status: 'disabled',
      detail: '/p/broken/plugin.yaml:4:3: functions: it is missing',
    });
  });

  it('is ready when everything is', async () => {
    await reloadWithout('broken');
    expect(await readiness()).toEqual([200, 'ready']);
  });

  it('is degraded while a backend is tripped', async () => {
    await reloadWithout('broken');
    gateway.report.get('pricing/legacy')!({
      type: 'state',
      state: { state: 'tripped', since: 0, until: 10_000, cause: 'crashed 5 times' },
    });
    expect(await readiness()).toEqual([200, 'degraded']);
    expect((await get('/readyz')).text).toContain('legacy is tripped: crashed 5 times');
  });

  it.each(['starting', 'draining'] as const)('is 503 while it is %s, and healthz is 200', async (stage) => {
    gateway.readiness = stage;
    expect(await readiness()).toEqual([503, stage]);
    expect((await get('/healthz')).status).toBe(200);
  });
});

describe('metrics', () => {
  it('are rendered for the Accept header', async () => {
    const { headers, text: body } = await get('/metrics', { accept: 'application/openmetrics-text' });
    expect(headers['content-type']).toBe('text/plain; version=0.0.4');
    expect(body).toBe('# for application/openmetrics-text\n');
  });
});

describe('the inventory', () => {
  const plugins = async () => pluginsView.parse((await get('/api/v1/plugins')).json).plugins;

  it('lists every plugin by name, with functions and backends, the disabled ones with their problems', async () => {
    gateway.report.get('pricing/legacy')!({ type: 'state', state: { state: 'ready', pids: [4711] } });
    const found = await plugins();
    expect(found.map((each) => [each.name, each.state])).toEqual([
      ['broken', 'disabled'],
      ['crc', 'ready'],
      ['pricing', 'ready'],
      ['vowels', 'ready'],
    ]);
    expect(found[0]).toEqual({
      name: 'broken',
      version: null,
      state: 'disabled',
      problems: [{ file: '/p/broken/plugin.yaml', line: 4, column: 3, path: 'functions', message: 'it is missing' }],
      functions: [],
      backends: {},
    });
    expect(found[1]!.backends.wasm).toBeUndefined();
    expect(found[2]).toMatchObject({
      version: '1.0.0',
      problems: [],
      functions: [
        { name: 'quote', effects: 'pure', timeoutMs: 500 },
        { name: 'refund', effects: 'unsafe', timeoutMs: 500 },
      ],
      backends: {
        legacy: { kind: 'native', state: 'ready', sha256: 'l1', version: '1.0.0', pids: [4711] },
        wasm: { kind: 'wasm', state: 'ready', sha256: 'w1', version: '1.0.0' },
      },
    });
    expect(found[2]!.backends.wasm).not.toHaveProperty('pids');
  });

  it.each([
    [
      'backing-off',
      { state: 'backing-off', until: 5_000, cause: 'SIGSEGV' },
      { until: '1970-01-01T00:00:05.000Z', cause: 'SIGSEGV' },
    ],
    [
      'tripped',
      { state: 'tripped', since: 1_000, until: 5_000, cause: 'SIGSEGV' },
      { since: '1970-01-01T00:00:01.000Z' },
    ],
    ['loading', { state: 'loading' }, {}],
    [
      'refused',
      { state: 'refused', problems: [{ pointer: '/a', message: 'b' }] },
      { problems: [{ pointer: '/a', message: 'b' }] },
    ],
  ] as const)('shows a %s backend with its circumstances, and its plugin as degraded', async (_name, state, shown) => {
    gateway.report.get('pricing/wasm')!({ type: 'state', state });
    const pricing = (await plugins()).find((each) => each.name === 'pricing')!;
    expect(pricing.state).toBe('degraded');
    expect(pricing.backends.wasm).toMatchObject({ state: state.state, ...shown });
  });

  it('calls a plugin disabled when none of its backends can run', async () => {
    gateway.report.get('crc/legacy')!({ type: 'state', state: { state: 'refused', problems: [] } });
    expect((await plugins()).find((each) => each.name === 'crc')!.state).toBe('disabled');
  });
});
