import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, exampleFolder, type GatewayProcess, serve, set, stop } from './gateway-process.js';

const RELAY = 'build/fixtures/wasm/relay.wasm';

/** A gateway with ONE lane, and plugins that pass calls on: `relays` by name, with what each may call. */
async function serveRelays(relays: Readonly<Record<string, readonly string[]>>): Promise<GatewayProcess> {
  const folder = await exampleFolder('lanes: 1\n');
  for (const [name, calls] of Object.entries(relays)) {
    const plugin = join(folder, 'plugins', name);
    await mkdir(plugin);
    await cp(RELAY, join(plugin, 'relay.wasm'));
    await writeFile(
      join(plugin, 'plugin.yaml'),
      `name: ${name}
version: 1.0.0
functions: { relay: { timeout: 30s } }
backends: { wasm: { kind: wasm, module: relay.wasm, calls: ${JSON.stringify(calls)} } }
`,
    );
  }
  return serve(folder);
}

/** Reads `banyan_calls_total` of a gateway: the sum over the series that have these labels. */
async function calls(gateway: GatewayProcess): Promise<(labels: Readonly<Record<string, string>>) => number> {
  const lines = (await (await fetch(`${gateway.admin}/metrics`)).text()).split('\n');
  return (labels) =>
    lines
      .filter((line) => line.startsWith('banyan_calls_total{'))
      .filter((line) => Object.entries(labels).every(([name, value]) => line.includes(`${name}="${value}"`)))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('plugins that call plugins, on one lane', () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await serveRelays({
      a: ['b/*', 'vowels/count', 'nobody/home'],
      b: ['c/*', 'a/relay', 'faulty/*'],
      c: ['vowels/count', 'faulty/*'],
    });
  });
  afterAll(() => stop(gateway));

  const said = async (target: string, input: string): Promise<string> => {
    const { status, body, detail } = await call(gateway, target, input);
    return status === 200 ? body.toString() : `${status} ${detail}`;
  };

  it.each(['legacy', 'wasm'])('get through three of them to one that is on %s', async (stage) => {
    await set(gateway, 'vowels', { stage });
    expect(await said('a/relay', 'b/relay c/relay vowels/count hello')).toBe('200 200 200 {"count":2}');
  });

  it('fifty at once, three deep, each get their answer: nobody waits for a lane for ever', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, vowels) => said('a/relay', `b/relay c/relay vowels/count ${'a'.repeat(vowels)}`)),
    );
    for (const [vowels, answer] of answers.entries())
      expect(answer).toMatch(new RegExp(`^200 200 200 {"count":${vowels}}$|^(200 )*503 overloaded: `));
    expect(answers.filter((answer) => answer.startsWith('200 200 200')).length).toBeGreaterThan(0);
  });

  it('are told of a cycle', async () => {
    expect(await said('a/relay', 'b/relay a/relay vowels/count x')).toBe(
      '200 508 cycle: a/relay -> b/relay -> a/relay',
    );
  });

  it('call what they are granted by name, and nothing else', async () => {
    expect(await said('c/relay', 'pricing/quote x')).toBe(
      '502 banyan_call: pricing/quote is not among its calls: vowels/count, faulty/*',
    );
    expect(await said('c/relay', 'vowels/count e')).toBe('200 {"count":1}');
  });

  it('learn of a failure what a caller from outside would', async () => {
    expect(await said('a/relay', 'nobody/home')).toMatch(/^404 unknown-plugin: /);
    expect(await said('b/relay', 'faulty/error x')).toMatch(/^500 plugin-error: .*failed on purpose/);
    expect(await said('b/relay', 'faulty/abort x')).toMatch(/^502 crashed: .*SIGABRT/);
  });

  it('are stopped by the first deadline of them all, and the lane is there for the next call', async () => {
    const { status, code } = await call(gateway, 'b/relay', 'c/relay faulty/loop x');
    // The loop has a shorter deadline than those who wait for it.
    expect([status, code]).toEqual([200, null]);
    expect(await said('a/relay', 'vowels/count hello')).toBe('200 {"count":2}');
  });

  it('are counted like calls from outside', async () => {
    const counted = await calls(gateway);
    expect(counted({ plugin: 'c', function: 'relay', backend: 'wasm', outcome: 'ok' })).toBeGreaterThan(0);
    expect(counted({ plugin: 'faulty', function: 'error', backend: 'legacy', outcome: 'plugin-error' })).toBe(1);
  });
});

describe('cart', () => {
  const CART = JSON.stringify([
    { sku: 'fig', unitPriceCents: 1999, quantity: 3 },
    { sku: 'kiwi', unitPriceCents: 50, quantity: 2 },
  ]);

  it('adds up what pricing answers, and does not notice when that moves to wasm and back under load', async () => {
    const folder = await exampleFolder();
    // Time is not what this is about, and a machine may be busy.
    for (const plugin of ['cart', 'pricing']) {
      const manifest = join(folder, 'plugins', plugin, 'plugin.yaml');
      await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/timeout: \w+/, 'timeout: 30s'));
    }
    const gateway = await serve(folder);
    try {
      const CALLS = 1_000;
      let done = 0;
      const answers = new Map<string, number>();
      const caller = async (): Promise<void> => {
        while (done < CALLS) {
          done += 1;
          const { status, body } = await call(gateway, 'cart/total', CART);
          const said = `${status} ${body.toString()}`;
          answers.set(said, (answers.get(said) ?? 0) + 1);
        }
      };
      const operator = async (): Promise<void> => {
        for (let flips = 0; flips < 20; flips++) {
          while (done < (flips * CALLS) / 21) await new Promise((resolve) => setImmediate(resolve));
          await set(gateway, 'pricing', { stage: flips % 2 === 0 ? 'wasm' : 'legacy' });
        }
      };
      await Promise.all([operator(), ...Array.from({ length: 8 }, caller)]);
      expect([...answers.keys()]).toEqual(['200 {"lines":2,"totalCents":6097}']);
      const counted = await calls(gateway);
      for (const backend of ['legacy', 'wasm'])
        expect(counted({ plugin: 'pricing', function: 'quote', backend, outcome: 'ok' })).toBeGreaterThan(0);
    } finally {
      await stop(gateway);
    }
  });
});
