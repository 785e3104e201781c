import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { corpusLine } from '#src/schema/corpus.js';
import { mismatchesView } from '#src/schema/mismatch.js';
import { banyan } from '../cli/banyan.js';
import { send, startGateway, type TestGateway } from './gateway.js';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.close());

/** So many calls of pricing/quote that both sides answered differently. */
function differ(times: number): void {
  const live = gateway.control.current().plugins.get('pricing')!.functions.get('quote')!;
  for (let call = 0; call < times; call++) {
    gateway.journal.note({
      live,
      comparison: {
        result: 'mismatch',
        differences: [{ pointer: '/total', kind: 'value', legacy: '1', wasm: '2' }],
        omitted: 0,
      },
      input: Buffer.from(`{"order":${call}}`),
      legacy: { output: Buffer.from('{"total":1}') },
      wasm: { output: Buffer.from('{"total":2}') },
      primary: 'legacy',
      requestId: `request-${call}`,
      key: 'tenant-a',
      at: Date.UTC(2026, 10, 27) + call,
    });
  }
}

describe('mismatches', () => {
  it('are answered newest first, with the input, both outputs and where they differ', async () => {
    differ(3);
    const { status, json } = await send(gateway.admin, '/api/v1/mismatches/pricing/quote?limit=2');
    expect(status).toBe(200);
    const { samples, counts } = mismatchesView.parse(json);
    expect(samples.map(({ requestId }) => requestId)).toEqual(['request-2', 'request-1']);
    expect(samples[0]).toMatchObject({
      input: { text: '{"order":2}' },
      legacy: { output: { text: '{"total":1}' } },
      wasm: { output: { text: '{"total":2}' } },
      differences: [{ pointer: '/total', kind: 'value' }],
      headers: { 'x-banyan-key': 'tenant-a' },
    });
    expect(counts).toMatchObject([{ count: 3 }]);
  });

  it('are exported as lines of a corpus', async () => {
    differ(2);
    const response = await fetch(`${gateway.admin}/api/v1/mismatches/pricing/quote?format=corpus`);
    expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => corpusLine.parse(JSON.parse(line)).input)).toEqual([
      { text: '{"order":1}' },
      { text: '{"order":0}' },
    ]);
  });

  it('of a function that agrees are none', async () => {
    expect(await send(gateway.admin, '/api/v1/mismatches/vowels/count')).toMatchObject({
      status: 200,
      json: { plugin: 'vowels', function: 'count', samples: [], counts: [], others: 0 },
    });
  });

  it.each([
    ['pricing/nothing', 404],
    ['nobody/quote', 404],
    ['pricing', 404],
    ['pricing/quote?format=xml', 400],
    ['pricing/quote?limit=0', 400],
  ])('of %s are answered %d', async (target, status) => {
    expect((await send(gateway.admin, `/api/v1/mismatches/${target}`)).status).toBe(status);
  });
});

describe('banyan mismatches', () => {
  const run = (...args: string[]) => banyan(['mismatches', ...args], { env: { BANYAN_ADMIN: gateway.admin } });

  it('prints them, or writes a corpus', async () => {
    differ(2);
    const shown = await run('pricing/quote', '--limit', '1');
    expect(shown.status).toBe(0);
    expect(shown.out).toContain('2 times, last 2026-11-27T00:00:00.001Z: value /total');
    expect(shown.out).toContain(
      '  input   {"order":1}\n  legacy  {"total":1}\n  wasm    {"total":2}\n  /total: value, legacy 1, wasm 2',
    );
    const folder = await mkdtemp(join(tmpdir(), 'banyan-mismatches-'));
    const written = await run('pricing/quote', '--export', join(folder, 'corpus.jsonl'));
    expect(written.out).toContain('2 lines in ');
    expect((await readFile(join(folder, 'corpus.jsonl'), 'utf8')).trimEnd().split('\n')).toHaveLength(2);
    const refused = await run('pricing/quote', '--export', join(folder, 'none/corpus.jsonl'));
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('cannot be written');
    await rm(folder, { recursive: true });
  });

  it('asks for a function', async () => {
    expect((await run('pricing')).status).toBe(2);
  });
});
