import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Observation } from '#src/domain/observation.js';
import { functionEvidenceView, pluginEvidenceView } from '#src/schema/evidence.js';
import { banyan } from '../cli/banyan.js';
import { send, startGateway, type TestGateway } from './gateway.js';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.close());

/** What three calls of pricing/quote, one comparison and three that were not made leave behind. */
function see(): void {
  const live = gateway.control.current().plugins.get('pricing')!.functions.get('quote')!;
  const call: Observation = {
    plugin: 'pricing',
    function: 'quote',
    backend: 'legacy',
    role: 'primary',
    outcome: 'ok',
    again: false,
    hadItsTime: true,
    queueMs: 0.1,
    callMs: 2,
  };
  gateway.evidence.observe(call, live);
  gateway.evidence.observe({ ...call, outcome: 'plugin-error' }, live);
  gateway.evidence.observe({ ...call, backend: 'wasm', role: 'shadow', callMs: 1 }, live);
  for (const reason of ['busy', 'queue-full', 'busy'] as const) gateway.evidence.dropped(live, reason);
  gateway.evidence.compared({
    live,
    comparison: {
      result: 'mismatch',
      differences: [{ pointer: '/items/3/price', kind: 'value', legacy: '1', wasm: '2' }],
      omitted: 0,
    },
    input: Buffer.of(),
    legacy: { output: Buffer.of() },
    wasm: { output: Buffer.of() },
    primary: 'legacy',
    requestId: 'r',
    key: null,
    at: 0,
  });
}

describe('evidence', () => {
  it('of a function has its calls, comparisons, those that were not made, places that differ, latencies and gates', async () => {
    see();
    const { status, json } = await send(gateway.admin, '/api/v1/evidence/pricing/quote');
    expect(status).toBe(200);
    const { current, older } = functionEvidenceView.parse(json);
    expect(older).toEqual([]);
    expect(current).toMatchObject({
      calls: { legacy: { primary: 2, shadow: 0 }, wasm: { primary: 0, shadow: 1 } },
      errors: { legacy: { 'plugin-error': 1 }, wasm: {} },
      comparisons: { mismatch: 1, match: 0 },
      dropped: { busy: 2, 'queue-full': 1 },
      mismatches: { held: 1, groups: [{ place: '/items/*/price', kind: 'value', count: 1 }] },
    });
    expect(current.latency.legacy.execution?.p50).toBeCloseTo(2, 1);
    expect(current.gates.map(({ gate, verdict }) => [gate, verdict])).toEqual([
      ['mismatches', 'inconclusive'],
      ['failures', 'inconclusive'],
      ['latency', 'inconclusive'],
    ]);
  });

  it('of a plugin has all its functions, and those without a call say so', async () => {
    see();
    const { functions } = pluginEvidenceView.parse((await send(gateway.admin, '/api/v1/evidence/pricing')).json);
    expect(functions.map((each) => [each.function, each.current.since === null])).toEqual([
      ['quote', false],
      ['refund', true],
    ]);
  });

  it('of a plugin is put together function by function, and calls have their turn in between', async () => {
    let turn = 0;
    let next = setImmediate(function count() {
      turn += 1;
      next = setImmediate(count);
    });
    const turns: number[] = [];
    const view = gateway.evidence.view.bind(gateway.evidence);
    vi.spyOn(gateway.evidence, 'view').mockImplementation((...asked) => {
      turns.push(turn);
      return view(...asked);
    });
    await send(gateway.admin, '/api/v1/evidence/pricing');
    clearImmediate(next);
    expect(turns).toHaveLength(2);
    expect(new Set(turns).size).toBe(2);
  });

  it.each([
    ['nobody', 'unknown-plugin'],
    ['pricing/nothing', 'unknown-function'],
    ['broken', 'unknown-plugin'],
  ])('of %s is a 404: %s', async (target, code) => {
    expect(await send(gateway.admin, `/api/v1/evidence/${target}`)).toMatchObject({ status: 404, json: { code } });
  });
});

describe('banyan evidence', () => {
  const run = (...args: string[]) => banyan(['evidence', ...args], { env: { BANYAN_ADMIN: gateway.admin } });

  it('prints it for people, or as the API has it', async () => {
    see();
    const { status, out } = await run('pricing');
    expect(status).toBe(0);
    expect(out).toContain('legacy: 2 calls, 0 mirrored; 1 plugin-error; ran p50 2');
    expect(out).toContain('compared: 0 match, 1 mismatch');
    expect(out).toContain('not compared: 3 sampled calls (2 busy, 1 queue-full)');
    expect(out).toContain('/items/*/price value: 1');
    expect(out).toContain('gate mismatches inconclusive: ');
    expect(out).toMatch(/pricing\/refund: .*\n {2}nothing has been seen yet/);
    const raw = await run('pricing/quote', '--json');
    expect(functionEvidenceView.parse(JSON.parse(raw.out)).function).toBe('quote');
  });

  it('ends with 1 where there is no such function', async () => {
    expect((await run('pricing/nothing')).status).toBe(1);
  });
});
