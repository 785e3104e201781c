import { flippedRouteView } from '#src/schema/api.js';
import { eventView } from '#src/schema/event.js';
import { rolloutsView, rolloutView, steeredView } from '#src/schema/rollout-view.js';
import { tripsView } from '#src/schema/trips.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { send, startGateway } from '../http/gateway.js';
import type { Received, Sent, TestGateway } from '../http/gateway.js';
import { tripped } from '../trips.js';

const ROLLOUT = '/api/v1/rollouts/pricing/quote';
const ROUTE = '/api/v1/routes/pricing/quote';
const PLAN = {
  gates: { mismatches: { limit: 0.1 } },
  atLeast: '10m',
  calls: 100,
  steps: [
    { stage: { stage: 'canary', percent: 5 }, manual: true },
    { stage: { stage: 'wasm' }, deadline: '6h' },
  ],
};

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.close());

const get = (path: string): Promise<Received> => send(gateway.admin, path);
const put = (path: string, body: unknown, headers: Sent['headers'] = { 'if-match': '*' }): Promise<Received> =>
  send(gateway.admin, path, { method: 'PUT', body, headers });
const post = (path: string, headers: Sent['headers'] = {}, body?: unknown): Promise<Received> =>
  send(gateway.admin, path, { method: 'POST', body, headers });
const del = (path: string, headers: Sent['headers'] = {}): Promise<Received> =>
  send(gateway.admin, path, { method: 'DELETE', headers });

describe('PUT of a plan', () => {
  it('makes the revision of its first step, and answers the plan, its state and warnings', async () => {
    const { status, headers, json } = await put(ROLLOUT, PLAN, { 'if-match': '"0"', 'x-banyan-comment': 'go' });
    expect([status, headers.etag]).toEqual([200, '"1"']);
    const { state, history, progress, functions, trouble, revision } = steeredView.parse(json);
    expect(state).toMatchObject({ state: 'running', step: 0, stalled: false });
    expect([revision, trouble]).toEqual([1, null]);
    expect(history).toMatchObject([{ from: null, why: 'planned by loopback: go' }]);
    expect(progress.missing[0]).toBe('0s of at least 10m have passed in this step');
    expect(functions).toMatchObject([
      { function: 'quote', comparable: true, verdicts: [{ gate: 'mismatches', verdict: 'inconclusive', limit: 0.1 }] },
    ]);
    expect((await get(ROUTE)).json).toMatchObject({ revision: 1, stage: { stage: 'canary', percent: 5 } });
    expect((await gateway.control.history(1))[0]).toMatchObject({ by: 'loopback', comment: 'go' });
  });

  it('answers a plan that can be sent back as it is', async () => {
    const { json } = await put(ROLLOUT, PLAN);
    expect(json['plan']).toMatchObject({
      gates: { mismatches: { limit: 0.1 }, failures: null, latency: null, alpha: 5 },
      steps: [
        { atLeast: '10m', calls: 100, manual: true },
        { deadline: '6h', manual: false },
      ],
    });
    const again = await put(ROLLOUT, json['plan']);
    expect([again.status, again.json['plan']]).toEqual([200, json['plan']]);
  });

  it('needs to know the route: 428 without If-Match, 412 with another one', async () => {
    expect((await put(ROLLOUT, PLAN, {})).status).toBe(428);
    await put(ROUTE, { stage: 'wasm' });
    expect(await put(ROLLOUT, PLAN, { 'if-match': '"0"' })).toMatchObject({ status: 412, json: { revision: 1 } });
    expect((await get(ROLLOUT)).status).toBe(404);
  });

  it.each([
    ['a value that is none', { ...PLAN, atLeast: '10 minutes' }, '/atLeast'],
    ['a step back', { steps: [...PLAN.steps, PLAN.steps[0]] }, '/steps/2/stage'],
    ['an unknown key', { ...PLAN, step: [] }, '/step'],
    ['a stage that is none', { steps: [{ stage: { stage: 'canary', percent: 101 } }] }, '/steps/0/stage/percent'],
  ])('with %s is 422, at its pointer', async (_, plan, pointer) => {
    const { status, json } = await put(ROLLOUT, plan);
    expect([status, json['errors']]).toEqual([422, [{ pointer, message: expect.any(String) as string }]]);
  });

  it('of what cannot be run twice, or has one side alone, is 422 at the step', async () => {
    const twice = { steps: [{ stage: { stage: 'shadow' } }] };
    expect(await put('/api/v1/rollouts/pricing/refund', twice)).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: '/steps/0/stage/sample' }] },
    });
    expect(await put('/api/v1/rollouts/crc', PLAN)).toMatchObject({
      status: 422,
      json: { errors: [{ pointer: '/steps/0/stage/stage' }, { pointer: '/steps/1/stage/stage' }] },
    });
    expect(gateway.control.current().revision).toBe(0);
  });

  it('of what there is not is 404', async () => {
    expect((await put('/api/v1/rollouts/nobody', PLAN)).json).toMatchObject({ code: 'unknown-plugin' });
    expect((await put('/api/v1/rollouts/pricing/tax', PLAN)).json).toMatchObject({ code: 'unknown-function' });
    expect(await put('/api/v1/rollouts/broken', PLAN)).toMatchObject({ status: 409, json: { code: 'conflict' } });
  });
});

describe('GET', () => {
  it('lists every rollout, and answers 404 where there is none', async () => {
    expect((await get('/api/v1/rollouts')).json).toEqual({ rollouts: [] });
    await put(ROLLOUT, PLAN);
    await put('/api/v1/rollouts/vowels', PLAN);
    const { rollouts } = rolloutsView.parse((await get('/api/v1/rollouts')).json);
    expect(rollouts.map((each) => [each.plugin, each.function])).toEqual([
      ['pricing', 'quote'],
      ['vowels', null],
    ]);
    expect(await get('/api/v1/rollouts/vowels/count')).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(await get('/api/v1/rollouts/pricing')).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(await get('/api/v1/rollouts/nobody')).toMatchObject({ status: 404, json: { code: 'unknown-plugin' } });
    expect((await get(`${ROLLOUT}?full=true`)).status).toBe(400);
  });

  it('shows what is so now, with the ETag of the route', async () => {
    await put(ROLLOUT, PLAN);
    await put(ROUTE, { stage: 'canary', percent: 7 }, { 'if-match': '*', 'x-banyan-comment': 'a bit more' });
    const { headers, json } = await get(ROLLOUT);
    expect(headers.etag).toBe('"2"');
    expect(rolloutView.parse(json).state).toMatchObject({
      state: 'paused',
      step: 0,
      by: 'loopback',
      why: 'revision 2 changed its route: a bit more',
    });
    expect(rolloutView.parse(json)).toMatchObject({
      revision: 1,
      changed: { revision: 2, stage: { stage: 'canary', percent: 7 }, own: true },
    });
    expect((await post(`${ROLLOUT}/resume`, { 'if-match': '"1"' })).json).toMatchObject({ status: 412, revision: 2 });
    expect(flippedRouteView.shape.stage.parse((await get(ROUTE)).json['stage'])).toMatchObject({ percent: 7 });
  });
});

describe('POST of a verb', () => {
  beforeEach(() => put(ROLLOUT, PLAN));
  const state = async (): Promise<unknown> => ((await get(ROLLOUT)).json['state'] as { state: string }).state;

  it('pauses, resumes, promotes and aborts', async () => {
    for (const [verb, after] of [
      ['pause', 'paused'],
      ['resume', 'running'],
      ['promote', 'running'],
      ['abort', 'aborted'],
    ] as const) {
      const { status, json } = await post(`${ROLLOUT}/${verb}`, { 'x-banyan-comment': 'because' });
      expect([status, rolloutView.parse(json).state.state]).toEqual([200, after]);
      expect(rolloutView.parse(json).history.at(-1)!.why).toMatch(
        verb === 'resume' ? /resumed by loopback/ : /because/,
      );
    }
    expect((await get(ROUTE)).json).toMatchObject({
      stage: { stage: 'wasm' },
      effective: { stage: 'legacy' },
      tripped: { cause: 'abort' },
    });
  });

  it('takes an empty body, an empty object, and nothing else', async () => {
    expect((await post(`${ROLLOUT}/pause`, {}, {})).status).toBe(200);
    expect((await post(`${ROLLOUT}/resume`, { 'content-type': 'application/json' })).status).toBe(200);
    expect((await post(`${ROLLOUT}/pause`, {}, { why: 'x' })).status).toBe(422);
    expect((await post(`${ROLLOUT}/pause`, { 'content-type': 'text/plain' }, 'x')).status).toBe(415);
    expect(await state()).toBe('running');
  });

  it('that does not fit is 409, and says the state', async () => {
    const { status, json } = await post(`${ROLLOUT}/resume`);
    expect([status, json['code']]).toEqual([409, 'conflict']);
    expect(json['detail']).toContain('it is running; resume is for one that is paused');
  });

  it('honours If-Match, and asks for none', async () => {
    expect((await post(`${ROLLOUT}/promote`, { 'if-match': '"0"' })).status).toBe(412);
    expect((await post(`${ROLLOUT}/promote`, { 'if-match': '"1"' })).headers.etag).toBe('"2"');
  });

  it('is made once of one ETag, however many say it at the same moment', async () => {
    // Its write holds up everybody else's turn.
    const planned = put('/api/v1/rollouts/vowels', PLAN);
    const promotes = await Promise.all([1, 2, 3].map(() => post(`${ROLLOUT}/promote`, { 'if-match': '"1"' })));
    expect(promotes.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    expect(promotes.find(({ status }) => status === 412)!.json).toMatchObject({ code: 'precondition-failed' });
    expect((await get(ROLLOUT)).json['state']).toMatchObject({ state: 'running', step: 1 });
    expect((await planned).status).toBe(200);
  });

  it('that takes calls back while legacy is down answers a warning', async () => {
    const state = { state: 'backing-off', until: 0, cause: 'SIGSEGV' } as const;
    gateway.report.get('pricing/legacy')!({ type: 'state', state });
    expect(steeredView.parse((await post(`${ROLLOUT}/abort`)).json).warnings).toEqual([
      expect.stringContaining('the legacy backend of pricing is') as string,
    ]);
  });

  it('of a whole plugin has its verb where a function has its name', async () => {
    await put('/api/v1/rollouts/vowels', PLAN);
    expect((await post('/api/v1/rollouts/vowels/pause')).json).toMatchObject({
      state: { state: 'paused' },
      function: null,
    });
    const none = await post('/api/v1/rollouts/pricing/pause');
    expect([none.status, none.json['plugin'], none.json['function']]).toEqual([404, 'pricing', undefined]);
    expect(await post('/api/v1/rollouts/vowels/count')).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(await post(`${ROLLOUT}/stop`)).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect((await get(`${ROLLOUT}/pause`)).status).toBe(405);
  });
});

describe('DELETE', () => {
  beforeEach(() => put(ROLLOUT, PLAN));

  it('of a rollout that is running is 409; of one that is paused it answers what it was', async () => {
    const refused = await del(ROLLOUT);
    expect([refused.status, refused.json['code']]).toEqual([409, 'conflict']);
    expect(refused.json['detail']).toContain('pause or abort it first');
    await post(`${ROLLOUT}/pause`);
    const { status, headers, json } = await del(ROLLOUT, { 'x-banyan-comment': 'another way' });
    expect([status, headers.etag]).toEqual([200, '"1"']);
    expect(rolloutView.parse(json).state).toMatchObject({ state: 'removed', by: 'loopback', why: 'another way' });
    expect(await get(ROLLOUT)).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect((await get(ROUTE)).json).toMatchObject({ revision: 1, stage: { stage: 'canary' } });
    expect(gateway.events.at(gateway.events.newest())!.event).toMatchObject({
      type: 'rollout',
      rollout: { state: { state: 'removed' } },
    });
  });

  it("of a plugin's leaves its functions' alone", async () => {
    await put('/api/v1/rollouts/pricing', PLAN);
    await post('/api/v1/rollouts/pricing/pause');
    expect((await del('/api/v1/rollouts/pricing')).status).toBe(200);
    expect(rolloutsView.parse((await get('/api/v1/rollouts')).json).rollouts).toMatchObject([{ function: 'quote' }]);
  });

  it('honours If-Match, and takes no body', async () => {
    await post(`${ROLLOUT}/pause`);
    expect((await del(ROLLOUT, { 'if-match': '"0"' })).status).toBe(412);
    const withBody = { method: 'DELETE', body: {}, headers: { 'content-length': '2' } };
    expect((await send(gateway.admin, ROLLOUT, withBody)).json['detail']).toBe('this request takes no body');
    expect((await del(ROLLOUT, { 'if-match': '"1"' })).status).toBe(200);
  });

  it('of what there is not is 404', async () => {
    expect(await del('/api/v1/rollouts/pricing')).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(await del('/api/v1/rollouts/nobody')).toMatchObject({ status: 404, json: { code: 'unknown-plugin' } });
    expect((await del(`${ROLLOUT}/pause`)).status).toBe(405);
  });
});

describe('as time goes by', () => {
  it('a rollout moves on, trips, and tells of it as events', async () => {
    await put(ROLLOUT, PLAN);
    const begun = gateway.events.newest();
    gateway.rolloutEvidence.say('pricing/quote', { mismatches: 'pass' });
    gateway.rolloutEvidence.count('pricing/quote', 100);
    gateway.clock.pass(600_000);
    await get(ROLLOUT);
    gateway.rolloutEvidence.say('pricing/quote', { mismatches: 'fail' });
    gateway.clock.pass(1_000);
    await get(ROLLOUT);
    const told = [];
    for (let id = begun + 1; id <= gateway.events.newest(); id++) told.push(gateway.events.at(id)!.event);
    expect(told).toMatchObject([
      { type: 'rollout', rollout: { state: { state: 'awaiting', step: 0 } } },
      { type: 'trip', trip: { function: 'quote', trip: { cause: 'gate' } } },
      { type: 'rollout', rollout: { state: { state: 'tripped', before: { state: 'awaiting' } } } },
    ]);
    expect(
      eventView.safeParse({
        id: 1,
        at: '',
        type: 'rollout',
        plugin: 'p',
        function: null,
        steps: 2,
        trouble: null,
        state: (await get(ROLLOUT)).json['state'],
      }).success,
    ).toBe(true);
  });
});

describe('trips', () => {
  const trip = (name = 'quote') =>
    gateway.control.trip({ plugin: 'pricing', function: name, trip: tripped({ figures: { failures: 5 } }) });

  it('are listed, with their figures, without any rollout', async () => {
    expect((await get('/api/v1/trips')).json).toEqual({ trips: [] });
    await trip();
    expect(tripsView.parse((await get('/api/v1/trips')).json)).toEqual({
      trips: [{ plugin: 'pricing', function: 'quote', ...tripped({ figures: { failures: 5 } }) }],
    });
  });

  it('are ended by DELETE, of a function or of all of a plugin', async () => {
    await trip();
    await trip('refund');
    const { status, json } = await del('/api/v1/trips/pricing/quote', { 'x-banyan-comment': 'mended' });
    expect([status, tripsView.parse(json).trips.map((each) => each.function)]).toEqual([200, ['quote']]);
    expect(gateway.events.at(gateway.events.newest())!.event).toMatchObject({ type: 'trip', ended: 'loopback' });
    await trip();
    expect(tripsView.parse((await del('/api/v1/trips/pricing')).json).trips).toHaveLength(2);
    expect((await get('/api/v1/trips')).json).toEqual({ trips: [] });
    expect(gateway.control.current().revision).toBe(0);
  });

  it('that there are not are 404, as is what there is not', async () => {
    expect(await del('/api/v1/trips/pricing')).toMatchObject({ status: 404, json: { code: 'not-found' } });
    expect(await del('/api/v1/trips/nobody')).toMatchObject({ status: 404, json: { code: 'unknown-plugin' } });
    expect((await del('/api/v1/trips/pricing/a%20b')).status).toBe(400);
    expect((await post('/api/v1/trips')).status).toBe(405);
  });
});
