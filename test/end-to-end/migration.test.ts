import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { banyan } from '../cli/banyan.js';
import { call, exampleFolder, serve, set, stop } from './gateway-process.js';
import type { GatewayProcess } from './gateway-process.js';

let gateway: GatewayProcess;
beforeEach(async () => {
  gateway = await serve(await exampleFolder());
});
afterEach(() => stop(gateway));

const steer = (...args: string[]) => banyan([...args, '--admin', gateway.admin]);

it('a canary of half splits a thousand keys about evenly, and the same way every time', async () => {
  expect((await steer('set', 'vowels', 'canary', '--percent', '50')).status).toBe(0);
  const sides = async (): Promise<(string | null)[]> => {
    const keys = [...Array(1000).keys()];
    return await Promise.all(
      keys.map(async (key) => {
        const answer = await call(gateway, 'vowels/count', 'hello world', { 'x-banyan-key': `tenant-${key}` });
        expect(answer.body.toString()).toBe('{"count":3}');
        expect(answer.reason).toBe('percentage');
        return answer.backend;
      }),
    );
  };
  const first = await sides();
  expect(first.filter((side) => side === 'wasm').length).toBeGreaterThan(450);
  expect(first.filter((side) => side === 'wasm').length).toBeLessThan(550);
  expect(await sides()).toEqual(first);
});

it('twenty thousand calls with two hundred flips among them: none fails, and both sides answered', async () => {
  const CALLS = 20_000;
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const outcomes = new Map<string, number>();
  let sent = 0;
  let done = 0;

  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const count = (outcome: string): void => {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        done += 1;
        resolve();
      };
      const outgoing = request(`${gateway.data}/plugins/vowels/count`, { method: 'POST', agent }, (incoming) => {
        let body = '';
        incoming.on('data', (chunk: Buffer) => (body += chunk.toString()));
        incoming.on('end', () =>
          count(
            body === '{"count":3}' ? String(incoming.headers['x-banyan-backend']) : `${incoming.statusCode}: ${body}`,
          ),
        );
      });
      outgoing.on('error', (error) => count(error.message));
      outgoing.end('hello world');
    });
  const caller = async (): Promise<void> => {
    while (sent < CALLS) {
      sent += 1;
      await one();
    }
  };
  const stages = [
    { stage: 'wasm' },
    { stage: 'canary', percent: 50 },
    { stage: 'legacy' },
    { stage: 'canary', percent: 7 },
  ];
  const operator = async (): Promise<number> => {
    let flips = 0;
    for (; flips < 200; flips++) {
      // Spread over the load, by the calls that have ended and not by the clock.
      while (done < (flips * CALLS) / 201) await new Promise((resolve) => setImmediate(resolve));
      await set(gateway, 'vowels', stages[flips % stages.length]!);
    }
    return flips;
  };

  const [flips] = await Promise.all([operator(), ...Array.from({ length: 32 }, caller)]);
  agent.destroy();
  expect(flips).toBe(200);
  expect([...outcomes.keys()].sort()).toEqual(['legacy', 'wasm']);
  expect([...outcomes.values()].reduce((a, b) => a + b)).toBe(CALLS);
});

describe('the way of an operator', () => {
  it('from the first flip to the rollback, with the history and the metrics to show for it', async () => {
    expect(await call(gateway, 'vowels/count', 'hello world')).toMatchObject({ backend: 'legacy', reason: 'stage' });
    expect((await steer('set', 'vowels', 'wasm', '--comment', 'all of it')).status).toBe(0);
    expect(await call(gateway, 'vowels/count', 'hello world')).toMatchObject({ backend: 'wasm', reason: 'stage' });
    expect((await steer('rollback')).status).toBe(0);
    expect(await call(gateway, 'vowels/count', 'hello world')).toMatchObject({ backend: 'legacy' });
    expect((await steer('history')).out).toMatch(/rollback to revision 0[^]*all of it/);

    const metrics = await (await fetch(`${gateway.admin}/metrics`)).text();
    for (const backend of ['legacy', 'wasm']) {
      expect(metrics).toMatch(
        new RegExp(
          `banyan_call_duration_seconds_count\\{plugin="vowels",function="count",backend="${backend}",role="primary"\\} [12]`,
        ),
      );
    }
    expect(metrics).toContain('banyan_config_revision 2');
    expect(metrics).toContain('banyan_flips_total{result="accepted"} 2');
  });

  it('a repaired port is put in by reload, and only its backend is built anew', async () => {
    const quote = '{"sku":"fig","unitPriceCents":50,"quantity":1,"taxPercent":5}';
    const legacy = await call(gateway, 'pricing/quote', quote);
    await set(gateway, 'pricing', { stage: 'wasm' });
    expect((await call(gateway, 'pricing/quote', quote)).body).not.toEqual(legacy.body);

    interface Inventory {
      plugins: { name: string; backends: { legacy: { pids: number[] }; wasm: { version: string } } }[];
    }
    const pricing = async (): Promise<Inventory['plugins'][0]['backends']> => {
      const inventory = (await (await fetch(`${gateway.admin}/api/v1/plugins`)).json()) as Inventory;
      return inventory.plugins.find((each) => each.name === 'pricing')!.backends;
    };
    const before = await pricing();
    const manifest = join(gateway.folder, 'plugins/pricing/plugin.yaml');
    const text = await readFile(manifest, 'utf8');
    await writeFile(
      manifest,
      text.replaceAll('pricing-1.0.0.wasm', 'pricing-1.0.1.wasm').replace('version: 1.0.0', 'version: 1.0.1'),
    );
    expect((await steer('reload')).status).toBe(0);
    expect((await call(gateway, 'pricing/quote', quote)).body).toEqual(legacy.body);
    const after = await pricing();
    expect(after.wasm.version).toBe('1.0.1');
    expect(after.legacy.pids).toEqual(before.legacy.pids);
  });

  it('a mistake in a manifest is refused by reload with its place, and changes nothing', async () => {
    const manifest = join(gateway.folder, 'plugins/vowels/plugin.yaml');
    const text = await readFile(manifest, 'utf8');
    await writeFile(manifest, text.replace('effects: pure', 'effects: poor'));
    const refused = await steer('reload');
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(/vowels\/plugin\.yaml:\d+:\d+/);
    expect((await call(gateway, 'vowels/count', 'hello world')).status).toBe(200);
  });

  it('megabyte frames come back the same from both sides', async () => {
    const frame = Buffer.alloc(8 + 4 * 640 * 400, 0x7f);
    frame.writeUInt32LE(640, 0);
    frame.writeUInt32LE(400, 4);
    for (let at = 8; at < frame.length; at++) frame[at] = (at * 31) & 0xff;
    const legacy = await call(gateway, 'image/grey', frame);
    await set(gateway, 'image', { stage: 'wasm' });
    const wasm = await call(gateway, 'image/grey', frame);
    expect([legacy.status, wasm.status, wasm.backend]).toEqual([200, 200, 'wasm']);
    expect(legacy.body.length).toBe(8 + 640 * 400);
    expect(wasm.body.equals(legacy.body)).toBe(true);
  });
});
