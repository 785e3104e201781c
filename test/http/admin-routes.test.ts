import { flippedView, historyView, routesView, routeView } from '#src/schema/api.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { send, startGateway } from './gateway.js';
import type { Received, Sent, TestGateway } from './gateway.js';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.close());

const get = (path: string): Promise<Received> => send(gateway.admin, path);
const put = (path: string, body: unknown, headers: Sent['headers'] = { 'if-match': '*' }): Promise<Received> =>
  send(gateway.admin, path, { method: 'PUT', body, headers });
const post = (path: string, body: unknown, headers: Sent['headers'] = { 'if-match': '*' }): Promise<Received> =>
  send(gateway.admin, path, { method: 'POST', body, headers });

const CANARY = { stage: 'canary', percent: 5 };

describe('reading routes', () => {
  it('shows every plugin and function, in the stage that the plugin starts in', async () => {
    const { status, headers, json } = await get('/api/v1/routes');
    expect(status).toBe(200);
    expect(headers.etag).toBe('"0"');
    const { revision, routes } = routesView.parse(json);
    expect(revision).toBe(0);
    expect(routes.map((each) => `${each.plugin}/${each.function ?? ''}`)).toEqual([
      'crc/',
      'crc/crc32',
      'pricing/',
      'pricing/quote',
      'pricing/refund',
      'vowels/',
      'vowels/count',
    ]);
    expect(routes[3]).toEqual({
      plugin: 'pricing',
      function: 'quote',
      own: false,
      stage: { stage: 'legacy' },
      effective: { stage: 'legacy' },
      tripped: null,
      revision: 0,
    });
  });

  it('gives one route the ETag of the revision that last changed it, not of the newest one', async () => {
    await put('/api/v1/routes/pricing', { stage: 'wasm' });
    await put('/api/v1/routes/vowels', { stage: 'wasm' });
    const { headers, json } = await get('/api/v1/routes/pricing');
    expect(headers.etag).toBe('"1"');
    expect(routeView.parse(json)).toMatchObject({ function: null, own: true, revision: 1, stage: { stage: 'wasm' } });
    expect((await get('/api/v1/routes')).headers.etag).toBe('"2"');
  });

  it('answers 404 for a plugin and a function that there are not, and says when a plugin is disabled', async () => {
    expect(await get('/api/v1/routes/nobody')).toMatchObject({ status: 404, json: { code: 'unknown-plugin' } });
    expect(await get('/api/v1/routes/pricing/tax')).toMatchObject({
      status: 404,
      json: { code: 'unknown-function', plugin: 'pricing', function: 'tax' },
    });
    expect((await get('/api/v1/routes/broken')).json['detail']).toContain('disabled');
  });

  it('answers HEAD as GET, without the body', async () => {
    const { status, headers, text } = await send(gateway.admin, '/api/v1/routes', { method: 'HEAD' });
    expect([status, headers.etag, text]).toEqual([200, '"0"', '']);
  });

  it('never answers 304: a trip changes what is in force without a revision', async () => {
    const { status } = await send(gateway.admin, '/api/v1/routes', { headers: { 'if-none-match': '"0"' } });
    expect(status).toBe(200);
  });
});

describe('writing one route', () => {
  it('answers the route as it is now, its defaults filled in, with its new ETag', async () => {
    const { status, headers, json } = await put('/api/v1/routes/pricing/quote', CANARY, { 'if-match': '"0"' });
    expect(status).toBe(200);
    expect(headers.etag).toBe('"1"');
    expect(json).toEqual({
      plugin: 'pricing',
      function: 'quote',
      own: true,
      stage: { stage: 'canary', percent: 5, sample: 0, allow: [], fallback: false },
      effective: { stage: 'canary', percent: 5, sample: 0, allow: [], fallback: false },
      tripped: null,
      revision: 1,
      warnings: [],
    });
    expect(gateway.control.current().revision).toBe(1);
  });

  it('warns of functions that keep their own route, and cascade drops those', async () => {
    await put('/api/v1/routes/pricing/quote', CANARY);
    const kept = await put('/api/v1/routes/pricing', { stage: 'wasm' });
    expect(kept.json['warnings']).toEqual([expect.stringContaining('quote')]);
    expect((await get('/api/v1/routes/pricing/quote')).json).toMatchObject({ own: true, stage: { stage: 'canary' } });
    const dropped = await put('/api/v1/routes/pricing?cascade=true', { stage: 'wasm' });
    expect(dropped.json['warnings']).toEqual([]);
    expect((await get('/api/v1/routes/pricing/quote')).json).toMatchObject({ own: false, stage: { stage: 'wasm' } });
  });

  it('changes nothing in a dry run, which needs no If-Match but honours one', async () => {
    const dry = await put('/api/v1/routes/pricing?dry-run=true', { stage: 'wasm' }, {});
    expect(dry).toMatchObject({ status: 200, json: { stage: { stage: 'wasm' }, warnings: [] } });
    expect(dry.headers.etag).toBeUndefined();
    expect(gateway.control.current().revision).toBe(0);
    const stale = await put('/api/v1/routes/pricing?dry-run=true', { stage: 'wasm' }, { 'if-match': '"9"' });
    expect(stale.status).toBe(412);
  });

  it('refuses a query parameter that it does not know: a misspelt dry run is not a flip', async () => {
    const { status, json } = await put('/api/v1/routes/pricing?dryrun=true', { stage: 'wasm' });
    expect([status, json['code']]).toEqual([400, 'bad-request']);
    expect((await put('/api/v1/routes/pricing?cascade=true?dry-run=true', { stage: 'wasm' })).status).toBe(400);
    expect((await put('/api/v1/routes/pricing?dry-run=yes', { stage: 'wasm' })).status).toBe(400);
    expect((await put('/api/v1/routes/pricing?dry-run=true&dry-run=true', { stage: 'wasm' })).status).toBe(400);
    expect((await put('/api/v1/routes/pricing/quote?cascade=true', { stage: 'wasm' })).status).toBe(400);
    expect(gateway.control.current().revision).toBe(0);
  });

  it('lets a function follow its plugin again', async () => {
    await put('/api/v1/routes/pricing/quote', CANARY);
    const path = '/api/v1/routes/pricing/quote';
    const { status, headers, json } = await send(gateway.admin, path, {
      method: 'DELETE',
      headers: { 'if-match': '"1"' },
    });
    expect([status, headers.etag]).toEqual([200, '"2"']);
    expect(json).toMatchObject({ own: false, stage: { stage: 'legacy' }, warnings: [] });
    expect((await send(gateway.admin, path, { method: 'DELETE' })).status).toBe(428);
  });

  it('refuses a stage that needs a backend which the plugin lacks', async () => {
    const { status, json } = await put('/api/v1/routes/crc', { stage: 'wasm' });
    expect(status).toBe(422);
    expect(json).toMatchObject({ code: 'invalid', errors: [{ pointer: '/stage' }] });
  });

  it('refuses to run an unsafe function twice, and says why', async () => {
    const { status, json } = await put('/api/v1/routes/pricing/refund', { ...CANARY, sample: 10 });
    expect(status).toBe(422);
    expect(json['errors']).toEqual([{ pointer: '/sample', message: expect.stringContaining('unsafe') as string }]);
  });

  it('retires legacy by force alone while there is no proof, and a dry run says what is missing', async () => {
    const path = '/api/v1/routes/pricing/quote';
    const refused = await put(path, { stage: 'retired' });
    expect(refused).toMatchObject({ status: 409, json: { code: 'conflict' } });
    expect(refused.json['detail']).toContain('pricing/quote: nothing was compared');
    expect(await put(`${path}?dry-run=true`, { stage: 'retired' }, {})).toMatchObject({
      status: 200,
      json: { advice: [{ plugin: 'pricing', function: 'quote', verdicts: [], missing: [expect.anything()] }] },
    });
    const forced = await put(`${path}?force=true`, { stage: 'retired' });
    expect(forced).toMatchObject({ status: 200, json: { stage: { stage: 'retired' } } });
    expect(forced.json['advice']).toBeUndefined();
    expect((await send(gateway.admin, '/api/v1/history')).json).toMatchObject({
      revisions: [{ comment: expect.stringContaining('forced without proof') as string }],
    });
  });

  it('answers 404 for what there is not, and 409 for a disabled plugin', async () => {
    expect((await put('/api/v1/routes/nobody', { stage: 'wasm' })).json['code']).toBe('unknown-plugin');
    expect((await put('/api/v1/routes/pricing/tax', { stage: 'wasm' })).json['code']).toBe('unknown-function');
    expect((await put('/api/v1/routes/broken', { stage: 'wasm' })).status).toBe(409);
  });
});

describe('a body that is wrong', () => {
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['percent 101', { stage: 'canary', percent: 101 }, ['/percent']],
    ['percent -1', { stage: 'canary', percent: -1 }, ['/percent']],
    ['percent 0.075', { stage: 'canary', percent: 0.075 }, ['/percent']],
    ['percent "5"', { stage: 'canary', percent: '5' }, ['/percent']],
    ['no percent', { stage: 'canary' }, ['/percent']],
    ['an unknown stage', { stage: 'blue' }, ['/stage']],
    ['no stage', {}, ['/stage']],
    ['an unknown key', { stage: 'canary', percent: 5, 'a/b~c': 1 }, ['/a~1b~0c']],
    ['a key of another stage', { stage: 'legacy', percent: 5 }, ['/percent']],
    [
      'several mistakes',
      { stage: 'canary', percent: 101, allow: ['k', 7], extra: 1 },
      ['/percent', '/allow/1', '/extra'],
    ],
    ['no object', [], ['']],
  ];
  it.each(cases)('with %s is refused with the JSON pointer of every mistake', async (_name, body, pointers) => {
    const { status, headers, json } = await put('/api/v1/routes/pricing/quote', body);
    expect(status).toBe(422);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(json).toMatchObject({ code: 'invalid', status: 422 });
    const errors = json['errors'] as { pointer: string; message: string }[];
    expect(errors.map((each) => each.pointer)).toEqual(pointers);
    expect(errors.every((each) => each.message.length > 0)).toBe(true);
    expect(gateway.control.current().revision).toBe(0);
  });

  it('is answered briefly however many mistakes it has', async () => {
    const { status, json } = await put('/api/v1/routes/pricing', { ...CANARY, allow: Array(9_000).fill(1) });
    expect(status).toBe(422);
    expect(json['errors']).toHaveLength(100);
  });

  it('is accepted at the edges: 0, 0.07, 99.99 and 100 percent', async () => {
    for (const percent of [0, 0.07, 99.99, 100]) {
      expect((await put('/api/v1/routes/pricing/quote', { stage: 'canary', percent })).status).toBe(200);
    }
  });
});

describe('If-Match', () => {
  const flip = (value: string | readonly string[] | null): Promise<Received> =>
    put('/api/v1/routes/pricing', { stage: 'wasm' }, value === null ? {} : { 'if-match': value });

  it('is required of every write that makes a revision', async () => {
    const revisions = [
      flip(null),
      put('/api/v1/routes', { routes: [{ plugin: 'pricing', stage: { stage: 'wasm' } }] }, {}),
      post('/api/v1/rollback', {}, {}),
    ];
    for (const { status, json } of await Promise.all(revisions)) {
      expect([status, json['code']]).toEqual([428, 'precondition-required']);
    }
    expect(gateway.control.current().revision).toBe(0);
  });

  it('that is stale is answered with the current revision, and nothing changes', async () => {
    await put('/api/v1/routes/pricing', { stage: 'wasm' });
    const { status, json } = await flip('"0"');
    expect([status, json['code'], json['revision']]).toEqual([412, 'precondition-failed', 1]);
  });

  it.each(['"0"', '"7", "0"', '"abc","0" , W/"3"', ' * ', ',"0",'])('%s lets the change through', async (value) => {
    expect((await flip(value)).status).toBe(200);
  });

  it('is one list when it is sent in two lines', async () => {
    expect((await flip(['"7"', '"0"'])).status).toBe(200);
  });

  it.each(['W/"0"', '"00"', '"abc"', '"7"', '""', '"0,"'])('%s never matches revision 0', async (value) => {
    expect((await flip(value)).status).toBe(412);
  });

  it.each(['0', '"0', "'0'", '*, "0"', '"0" "1"', 'w/"0"', '', ','])('%s is malformed', async (value) => {
    const { status, json } = await flip(value);
    expect([status, json['code']]).toEqual([400, 'bad-request']);
  });

  it('of two writers who read the same revision lets one through', async () => {
    const answers = await Promise.all([flip('"0"'), flip('"0"')]);
    expect(answers.map((each) => each.status).sort()).toEqual([200, 412]);
  });
});

describe('writing several routes', () => {
  const wasm = { stage: 'wasm' };

  it('makes one revision of them', async () => {
    const routes = [
      { plugin: 'pricing', stage: wasm },
      { plugin: 'vowels', function: 'count', stage: wasm },
    ];
    const { status, headers, json } = await put('/api/v1/routes', { routes }, { 'if-match': '"0"' });
    expect([status, headers.etag]).toEqual([200, '"1"']);
    expect(flippedView.parse(json).routes.map((each) => [each.plugin, each.function, each.revision])).toEqual([
      ['pricing', null, 1],
      ['vowels', 'count', 1],
    ]);
  });

  it('changes nothing when one of them is wrong, and points at it', async () => {
    const routes = [
      { plugin: 'pricing', stage: wasm },
      { plugin: 'crc', stage: wasm },
    ];
    const { status, json } = await put('/api/v1/routes', { routes });
    expect(status).toBe(422);
    expect(json['errors']).toMatchObject([{ pointer: '/routes/1/stage/stage' }]);
    expect(gateway.control.current().revision).toBe(0);
  });

  it.each([
    [
      'the same route twice',
      [
        { plugin: 'pricing', stage: wasm },
        { plugin: 'pricing', function: null, stage: wasm },
      ],
      '/routes/1',
    ],
    ['a name that is none', [{ plugin: '../x', stage: wasm }], '/routes/0/plugin'],
    ['no routes', [], '/routes'],
    ['an unknown key', [{ plugin: 'pricing', stage: wasm, percent: 5 }], '/routes/0/percent'],
  ])('refuses %s', async (_name, routes, pointer) => {
    const { status, json } = await put('/api/v1/routes', { routes });
    expect(status).toBe(422);
    expect(json['errors']).toMatchObject([{ pointer }]);
  });

  it('needs the revision of the whole table', async () => {
    await put('/api/v1/routes/vowels', wasm);
    const routes = [{ plugin: 'pricing', stage: wasm }];
    expect((await put('/api/v1/routes', { routes }, { 'if-match': '"0"' })).status).toBe(412);
    expect((await put('/api/v1/routes', { routes }, { 'if-match': '"1"' })).status).toBe(200);
  });
});

describe('history and rollback', () => {
  it('tells who changed what and why, newest first', async () => {
    const comment = Buffer.from('für Mandant „a“ → 5 %').toString('latin1');
    await put('/api/v1/routes/pricing', CANARY, { 'if-match': '*', 'x-banyan-comment': comment });
    await put('/api/v1/routes/pricing', { stage: 'wasm' });
    const { json } = await get('/api/v1/history');
    const { revisions } = historyView.parse(json);
    expect(revisions.map((each) => each.revision)).toEqual([2, 1]);
    expect(revisions[1]).toMatchObject({
      by: 'loopback',
      comment: 'für Mandant „a“ → 5 %',
      changes: [{ plugin: 'pricing', function: null, from: null, to: { stage: 'canary', percent: 5 } }],
    });
    expect(historyView.parse((await get('/api/v1/history?limit=1')).json).revisions).toHaveLength(1);
  });

  it.each(['0', '-1', '1001', 'all', ''])('refuses limit=%s', async (limit) => {
    expect((await get(`/api/v1/history?limit=${limit}`)).status).toBe(400);
  });

  it.each([
    ['is too long', 'x'.repeat(501)],
    ['holds a terminal escape', '\u009b31mred'],
    ['is not UTF-8', '\xff\xfe'],
    ['reverses the text behind it', Buffer.from('a\u202eb').toString('latin1')],
  ])('refuses a comment that %s', async (_name, comment) => {
    const value = comment.startsWith('\u009b') ? Buffer.from(comment).toString('latin1') : comment;
    const { status, json } = await put('/api/v1/routes/pricing', CANARY, {
      'if-match': '*',
      'x-banyan-comment': value,
    });
    expect([status, json['code']]).toEqual([400, 'bad-request']);
    expect(gateway.control.current().revision).toBe(0);
  });

  it('goes back one step, without a body, as a revision of its own', async () => {
    await put('/api/v1/routes/pricing', CANARY);
    await put('/api/v1/routes/pricing', { stage: 'wasm' });
    const { status, headers, json } = await send(gateway.admin, '/api/v1/rollback', {
      method: 'POST',
      headers: { 'if-match': '"2"' },
    });
    expect([status, headers.etag]).toEqual([200, '"3"']);
    expect(flippedView.parse(json).routes[0]).toMatchObject({ plugin: 'pricing', stage: { stage: 'canary' } });
  });

  it('goes back to a revision, of one plugin alone', async () => {
    await put('/api/v1/routes/pricing', { stage: 'wasm' });
    await put('/api/v1/routes/vowels', { stage: 'wasm' });
    expect((await post('/api/v1/rollback', { revision: 0, plugin: 'pricing' })).status).toBe(200);
    expect((await get('/api/v1/routes/pricing')).json['stage']).toEqual({ stage: 'legacy' });
    expect((await get('/api/v1/routes/vowels')).json['stage']).toMatchObject({ stage: 'wasm' });
  });

  it('refuses a revision that there is not, and a function without its plugin', async () => {
    expect((await post('/api/v1/rollback', { revision: 41 })).json['code']).toBe('not-found');
    expect(await post('/api/v1/rollback', { function: 'quote' })).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: '/function' }] },
    });
    expect((await post('/api/v1/rollback', { revision: -1 })).status).toBe(422);
    expect((await post('/api/v1/rollback', {}, { 'if-match': '"5"' })).status).toBe(412);
  });
});

describe('reload', () => {
  it('takes over what changed, without If-Match and without a revision', async () => {
    gateway.found = { plugins: new Map([...gateway.found.plugins].slice(0, 2)), disabled: new Map() };
    const { status, json } = await send(gateway.admin, '/api/v1/reload', { method: 'POST' });
    expect(status).toBe(200);
    expect(json).toEqual({ revision: 0, added: [], changed: [], removed: ['vowels'], unchanged: ['crc', 'pricing'] });
    expect((await get('/api/v1/routes/vowels')).status).toBe(404);
  });

  it('is refused whole for a mistake, with its place, and nothing has changed', async () => {
    const { status, json } = await post('/api/v1/reload', {}, {});
    expect(status).toBe(422);
    expect(json).toMatchObject({
      code: 'invalid',
      problems: [{ file: '/p/broken/plugin.yaml', line: 4, column: 3, path: 'functions' }],
    });
    expect((await get('/api/v1/routes/vowels')).status).toBe(200);
  });
});
