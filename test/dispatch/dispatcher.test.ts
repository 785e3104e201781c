import { beforeEach, describe, expect, it } from 'vitest';
import { Deadlines } from '#src/dispatch/deadline.js';
import { createDispatcher } from '#src/dispatch/dispatcher.js';
import { nestedBy } from '#src/dispatch/nested.js';
import { Call, type Role } from '#src/domain/call.js';
import type { Answer, CallRequest } from '#src/domain/dispatch.js';
import type { Failure } from '#src/domain/failure.js';
import type { Sampled } from '#src/domain/mirror.js';
import type { Observation } from '#src/domain/observation.js';
import { settled } from '../scripted-backend.js';
import { liveFunction, type Scripted } from './live.js';

const WASM = { stage: 'wasm', sample: 0, fallback: true } as const;
const TRAPPED: Failure = { code: 'trapped', detail: 'unreachable' };

let observed: Observation[];
let offered: Sampled[];
let settledBoth: [Sampled, unknown][];
let fallbacks: string[];
let random: number;
beforeEach(() => {
  observed = [];
  offered = [];
  settledBoth = [];
  fallbacks = [];
  random = 0;
});

function dispatcherOf({ generation }: Scripted) {
  return createDispatcher({
    current: () => generation,
    deadlines: new Deadlines(),
    observe: (observation) => observed.push(observation),
    onDefect: (defect) => {
      throw defect;
    },
    mirror: {
      offer: (sampled) => offered.push(sampled),
      settle: (sampled, other) => settledBoth.push([sampled, other]),
    },
    onFallback: (_live, cause) => fallbacks.push(cause),
    random: () => random,
  });
}

function request(more: Partial<CallRequest> = {}): CallRequest {
  return {
    plugin: 'p',
    function: 'f',
    input: Buffer.from('in'),
    receivedAt: performance.now(),
    requestId: 'r',
    key: null,
    forced: null,
    ...more,
  };
}

const outputOf = ({ result }: Answer): string =>
  'code' in result ? result.code : Buffer.from(result.output).toString();

describe('sampling', () => {
  it('offers a call to the mirror once it has ended, with what answered it', async () => {
    const scripted = liveFunction({ stage: 'shadow', sample: 100 });
    const { answer } = dispatcherOf(scripted).dispatch(request({ key: 'tenant' }));
    expect(offered).toEqual([]);
    scripted.legacy.held[0]!.reply('out');
    await answer;
    expect(offered).toMatchObject([{ primary: 'legacy', requestId: 'r', key: 'tenant', live: scripted.live }]);
  });

  it.each([
    [0.07, 0.00069, 1],
    [0.07, 0.0007, 0],
    [50, 0.4999, 1],
    [50, 0.5, 0],
    [0, 0, 0],
  ])('takes %d percent of calls: a draw of %d is taken %d times', async (sample, draw, times) => {
    random = draw;
    const scripted = liveFunction({ stage: 'shadow', sample });
    const { answer } = dispatcherOf(scripted).dispatch(request());
    scripted.legacy.held[0]!.reply('out');
    await answer;
    expect(offered.length).toBe(times);
  });

  it('takes calls that failed while they ran, and none that never began or that nobody waits for', async () => {
    const scripted = liveFunction({ stage: 'shadow', sample: 100 }, { window: 1 });
    const dispatcher = dispatcherOf(scripted);
    const failing = dispatcher.dispatch(request());
    const waiting = dispatcher.dispatch(request());
    waiting.cancel();
    scripted.legacy.held[0]!.fail({ code: 'plugin-error', detail: '' });
    await Promise.all([failing.answer, waiting.answer]);
    const heard = dispatcher.dispatch(request());
    heard.cancel();
    await heard.answer;
    for (const failure of [
      { code: 'unavailable', detail: '', retryAfterMs: 1 },
      // The queue had taken most of its time.
      { code: 'timeout', detail: '', begun: true },
    ] as const) {
      const { answer } = dispatcher.dispatch(request());
      scripted.legacy.held[0]!.fail(failure);
      await answer;
    }
    expect(offered.map(({ ended }) => ended)).toMatchObject([{ code: 'plugin-error' }]);
  });
});

describe('a wasm failure of the infrastructure', () => {
  it('is made good by legacy, and the caller learns by whom and why', async () => {
    const scripted = liveFunction(WASM);
    const { answer } = dispatcherOf(scripted).dispatch(request());
    scripted.wasm.held[0]!.fail(TRAPPED);
    await settled();
    expect(scripted.legacy.held.map(({ call }) => call.role)).toEqual(['fallback']);
    scripted.legacy.held[0]!.reply('from legacy');
    const given = await answer;
    expect([outputOf(given), given.backend, given.reason]).toEqual(['from legacy', 'legacy', 'fallback']);
    expect(fallbacks).toEqual(['trapped']);
    expect(observed.map(({ backend, role, outcome }) => [backend, role, outcome])).toEqual([
      ['wasm', 'primary', 'trapped'],
      ['legacy', 'fallback', 'ok'],
    ]);
  });

  it.each<[Failure['code'], Failure]>([
    ['plugin-error', { code: 'plugin-error', detail: '' }],
    ['bad-request', { code: 'bad-request', detail: '' }],
  ])('is not what %s is: the caller gets it', async (code, failure) => {
    const scripted = liveFunction(WASM);
    const { answer } = dispatcherOf(scripted).dispatch(request());
    scripted.wasm.held[0]!.fail(failure);
    expect(outputOf(await answer)).toBe(code);
    expect(scripted.legacy.held).toEqual([]);
  });

  it.each([
    ['where the stage does not say so', { stage: { ...WASM, fallback: false }, spec: {}, forced: null }],
    ['of an unsafe function', { stage: WASM, spec: { effects: 'unsafe' as const }, forced: null }],
    ['of a call that forced wasm', { stage: WASM, spec: {}, forced: 'wasm' as const }],
  ])('is the answer %s', async (_when, { stage, spec, forced }) => {
    const scripted = liveFunction(stage, { spec });
    const { answer } = dispatcherOf(scripted).dispatch(request({ forced }));
    scripted.wasm.held[0]!.fail(TRAPPED);
    expect(outputOf(await answer)).toBe('trapped');
    expect([scripted.legacy.held, fallbacks]).toEqual([[], []]);
  });

  it('is answered within the same deadline: wasm gets three quarters of it, legacy the rest', async () => {
    const scripted = liveFunction(WASM, { spec: { timeoutMs: 1_000 } });
    const { answer } = dispatcherOf(scripted).dispatch(request({ receivedAt: 5_000 }));
    expect(scripted.wasm.held[0]!.call.deadline).toBe(5_750);
    scripted.wasm.held[0]!.fail({ code: 'timeout', detail: '', begun: true });
    await settled();
    expect(scripted.legacy.held[0]!.call.deadline).toBe(6_000);
    scripted.legacy.held[0]!.reply('late, but there');
    expect(outputOf(await answer)).toBe('late, but there');
  });

  it.each<Failure>([
    { code: 'unavailable', detail: '', retryAfterMs: 1 },
    { code: 'overloaded', detail: '', retryAfterMs: 1 },
    { code: 'timeout', detail: '', begun: false },
  ])('stays the answer when legacy takes no call: $code', async (failure) => {
    const scripted = liveFunction(WASM);
    const { answer } = dispatcherOf(scripted).dispatch(request());
    scripted.wasm.held[0]!.fail(TRAPPED);
    await settled();
    scripted.legacy.held[0]!.fail(failure);
    const given = await answer;
    expect([outputOf(given), given.backend, given.reason]).toEqual(['trapped', 'wasm', 'stage']);
  });

  it('may use all of the time where legacy is refused', async () => {
    const legacyState = { state: 'refused', problems: [] } as const;
    const scripted = liveFunction(WASM, { spec: { timeoutMs: 1_000 }, legacyState });
    const { answer } = dispatcherOf(scripted).dispatch(request({ receivedAt: 5_000 }));
    expect(scripted.wasm.held[0]!.call.deadline).toBe(6_000);
    scripted.wasm.held[0]!.fail(TRAPPED);
    expect(outputOf(await answer)).toBe('trapped');
    expect([scripted.legacy.held, fallbacks]).toEqual([[], []]);
  });

  it('is also a full queue, in which nothing of the call has run; that is no comparison', async () => {
    const scripted = liveFunction({ ...WASM, sample: 100 });
    const { answer } = dispatcherOf(scripted).dispatch(request());
    scripted.wasm.held[0]!.fail({ code: 'overloaded', detail: '', retryAfterMs: 1 });
    await settled();
    scripted.legacy.held[0]!.reply('from legacy');
    expect(outputOf(await answer)).toBe('from legacy');
    expect([fallbacks, settledBoth]).toEqual([['overloaded'], []]);
  });

  it('is not made good for a caller that hung up when it was on its way', async () => {
    const scripted = liveFunction(WASM);
    const { answer, cancel } = dispatcherOf(scripted).dispatch(request());
    scripted.wasm.held[0]!.fail(TRAPPED);
    cancel();
    await answer;
    expect([scripted.legacy.held, fallbacks]).toEqual([[], []]);
  });

  it('is a comparison that needs no further run, where the call is sampled', async () => {
    const scripted = liveFunction({ ...WASM, sample: 100 });
    const { answer } = dispatcherOf(scripted).dispatch(request());
    scripted.wasm.held[0]!.fail(TRAPPED);
    await settled();
    scripted.legacy.held[0]!.reply('out');
    await answer;
    expect(settledBoth).toMatchObject([[{ primary: 'wasm', ended: TRAPPED }, { output: Buffer.from('out') }]]);
    expect(offered).toEqual([]);
  });

  it.each<Failure>([
    { code: 'cancelled', detail: '', begun: true },
    { code: 'timeout', detail: '', begun: true },
  ])('is no comparison where legacy was cut short: $code', async (failure) => {
    const scripted = liveFunction({ ...WASM, sample: 100 });
    const { answer } = dispatcherOf(scripted).dispatch(request());
    scripted.wasm.held[0]!.fail(TRAPPED);
    await settled();
    scripted.legacy.held[0]!.fail(failure);
    await answer;
    expect([settledBoth, offered]).toEqual([[], []]);
  });

  it('is not made good for a caller that hung up, and one that hangs up later stops legacy', async () => {
    const scripted = liveFunction(WASM);
    const dispatcher = dispatcherOf(scripted);
    const early = dispatcher.dispatch(request());
    early.cancel();
    expect(outputOf(await early.answer)).toBe('cancelled');
    expect(scripted.legacy.held).toEqual([]);
    const late = dispatcher.dispatch(request());
    scripted.wasm.held[0]!.fail(TRAPPED);
    await settled();
    late.cancel();
    expect(outputOf(await late.answer)).toBe('cancelled');
  });
});

describe('a call that a mirrored call makes', () => {
  const nested = (scripted: Scripted, role: Role) =>
    nestedBy(dispatcherOf(scripted))(
      'p/f',
      Buffer.from('in'),
      new Call({ plugin: 'q', function: 'g', input: Buffer.of(), deadline: Infinity, requestId: 'r', role }),
    );

  it('is observed as mirrored, and not sampled again', async () => {
    const scripted = liveFunction({ stage: 'shadow', sample: 100 });
    const { answer } = nested(scripted, 'shadow');
    scripted.legacy.held[0]!.reply('out');
    await answer;
    expect([observed.map(({ role }) => role), offered]).toEqual([['shadow'], []]);
  });

  it('is answered by legacy for nobody, which is no fallback', async () => {
    const scripted = liveFunction(WASM);
    const { answer } = nested(scripted, 'shadow');
    scripted.wasm.held[0]!.fail(TRAPPED);
    await settled();
    scripted.legacy.held[0]!.reply('out');
    expect((await answer).status).toBe(200);
    expect([observed.map(({ backend, role }) => [backend, role]), fallbacks]).toEqual([
      [
        ['wasm', 'shadow'],
        ['legacy', 'shadow'],
      ],
      [],
    ]);
  });

  it('to an unsafe function is not made, since its effects have been had', async () => {
    const scripted = liveFunction({ stage: 'legacy' }, { spec: { effects: 'unsafe' } });
    expect((await nested(scripted, 'shadow').answer).status).toBe(403);
    const asked = nested(scripted, 'primary');
    scripted.legacy.held[0]!.reply('out');
    expect((await asked.answer).status).toBe(200);
  });
});
