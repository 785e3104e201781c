import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { functionEvidenceView } from '#src/schema/evidence.js';
import { banyan } from '../cli/banyan.js';
import { isAlive } from '../native/watching.js';
import { call, exampleFolder, serve, set, stop, type GatewayProcess } from './gateway-process.js';

let gateway: GatewayProcess;
beforeEach(async () => {
  asked = 0;
  droppedBefore = 0;
  gateway = await serve(await exampleFolder());
});
afterEach(() => stop(gateway));

/** Its discount is half a cent short of a cent: what 1.0.0 rounds down, and the library up. */
const HALF_A_CENT = { sku: 'fig', unitPriceCents: 5, quantity: 1, discountPercent: 10 };
const WHOLE_CENTS = { sku: 'fig', unitPriceCents: 100, quantity: 1 };
/** Sampled calls since the present build was put in. */
let asked = 0;
const quote = (order: object) => {
  asked += 1;
  return call(gateway, 'pricing/quote', JSON.stringify(order));
};

async function evidence() {
  const response = await fetch(`${gateway.admin}/api/v1/evidence/pricing/quote`);
  return functionEvidenceView.parse(await response.json());
}

/** Calls so many times, and waits until each sampled call was compared, or dropped where the machine has no time for it. */
async function compared(times: number, order: object): Promise<void> {
  await Promise.all(Array.from({ length: times }, () => quote(order)));
  const seen = async () => {
    const { comparisons } = (await evidence()).current;
    return Object.values(comparisons).reduce((sum, each) => sum + each, await dropped());
  };
  await expect.poll(seen, { timeout: 10_000 }).toBe(asked);
}

let droppedBefore = 0;
async function dropped(): Promise<number> {
  const metrics = await (await fetch(`${gateway.admin}/metrics`)).text();
  const counts = [...metrics.matchAll(/^banyan_shadow_dropped_total\{.*"busy"\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0) - droppedBefore;
}

async function put(version: string): Promise<void> {
  asked = 0;
  droppedBefore += await dropped();
  const manifest = join(gateway.folder, 'plugins/pricing/plugin.yaml');
  const text = await readFile(manifest, 'utf8');
  await writeFile(
    manifest,
    text
      .replace(/^ {4}version: 1\.0\.\d$/m, `    version: ${version}`)
      .replace(/pricing-1\.0\.\d/, `pricing-${version}`),
  );
  expect((await banyan(['reload', '--admin', gateway.admin])).status).toBe(0);
}

it('a port that rounds differently is found in the shadow, and no caller sees it', async () => {
  await set(gateway, 'pricing/quote', { stage: 'shadow', sample: 100 });
  expect(await quote(HALF_A_CENT)).toMatchObject({ status: 200, backend: 'legacy', reason: 'stage' });
  await compared(20, WHOLE_CENTS);
  const { current } = await evidence();
  expect(current.comparisons.match).toBeGreaterThan(0);
  expect(current.comparisons.mismatch).toBe(1);
  expect(current.mismatches.groups.map(({ place, kind }) => `${place} ${kind}`)).toContain('/discountCents value');
  expect(current.calls).toMatchObject({ legacy: { primary: 21, shadow: 0 }, wasm: { primary: 0 } });
});

it('evidence outlives the gateway, and belongs to the build that it is about', async () => {
  await set(gateway, 'pricing/quote', { stage: 'shadow', sample: 100 });
  await compared(5, HALF_A_CENT);
  const { mismatch } = (await evidence()).current.comparisons;
  expect(mismatch).toBeGreaterThan(0);
  const { folder } = gateway;
  gateway.kill('SIGTERM');
  expect(await gateway.exited).toBe(0);
  gateway = await serve(folder);
  droppedBefore = 0;
  expect((await evidence()).current.comparisons.mismatch).toBe(mismatch);

  await put('1.0.1');
  expect((await evidence()).current.since).toBeNull();
  await compared(5, HALF_A_CENT);
  const { current, older } = await evidence();
  expect(current.comparisons.match).toBeGreaterThan(0);
  expect(current.comparisons.mismatch).toBe(0);
  expect(older.map((each) => each.comparisons.mismatch)).toEqual([mismatch]);
});

it('in stage wasm the library is run as well, and failures of both sides compare by their code', async () => {
  await put('1.0.1');
  await set(gateway, 'pricing/quote', { stage: 'wasm', sample: 100 });
  expect(await quote({ no: 'order' })).toMatchObject({ status: 500, backend: 'wasm', code: 'plugin-error' });
  await compared(3, WHOLE_CENTS);
  const { current } = await evidence();
  expect(current.comparisons).toMatchObject({ mismatch: 0, 'both-failed': 1 });
  expect(current.comparisons.match).toBeGreaterThan(0);
  expect(current.calls.legacy.primary).toBe(0);
});

it('a library whose functions are all retired has no process any more, and comes back with a rollback', async () => {
  const legacy = async () => {
    const { plugins } = (await (await fetch(`${gateway.admin}/api/v1/plugins`)).json()) as {
      plugins: { name: string; backends: { legacy: { state: string; pids?: number[] } } }[];
    };
    return plugins.find(({ name }) => name === 'pricing')!.backends.legacy;
  };
  const steer = (...args: string[]) => banyan([...args, '--admin', gateway.admin]);
  const { pids } = await legacy();
  expect(pids).toHaveLength(1);
  const refused = await steer('set', 'pricing', 'retired');
  expect(refused.status).toBe(1);
  expect(refused.err).toContain('pricing/quote: ');
  expect((await steer('set', 'pricing', 'retired', '--force')).status).toBe(0);
  expect((await legacy()).state).toBe('unloaded');
  await expect.poll(() => isAlive(pids![0]!), { timeout: 10_000 }).toBe(false);
  expect(await quote(WHOLE_CENTS)).toMatchObject({ status: 200, backend: 'wasm' });
  expect((await steer('rollback')).status).toBe(0);
  expect(await quote(WHOLE_CENTS)).toMatchObject({ status: 200, backend: 'legacy' });
  expect((await legacy()).pids).not.toEqual(pids);
});

it('counts an error inside a large reply as one of the plugin', async () => {
  const manifest = join(gateway.folder, 'plugins/faulty/plugin.yaml');
  const error = 'error: { pointer: /ok, equals: false }';
  const text = (await readFile(manifest, 'utf8')).replace('echo: { effects: pure', `echo: { effects: pure, ${error}`);
  await writeFile(manifest, text);
  expect((await banyan(['reload', '--admin', gateway.admin])).status).toBe(0);
  for (const ok of [true, false, false]) {
    const reply = await call(gateway, 'faulty/echo', JSON.stringify({ ok, items: 'x'.repeat(100_000) }));
    expect(reply.status).toBe(200);
  }
  const errors = async () => {
    const response = await fetch(`${gateway.admin}/api/v1/evidence/faulty/echo`);
    return functionEvidenceView.parse(await response.json()).current.errors.legacy;
  };
  await expect.poll(errors, { timeout: 10_000 }).toEqual({ 'plugin-error': 2 });
});
