import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { banyan } from '../cli/banyan.js';
import { assemble, forever, i32 } from '../wasm/assemble.js';
import { call, exampleFolder, serve, set } from './gateway-process.js';
import type { GatewayProcess } from './gateway-process.js';

let folder: string;
let running: GatewayProcess[];
beforeEach(async () => {
  folder = await exampleFolder('shutdown: { delay: 300ms, grace: 5s }\n');
  running = [];
});
afterEach(async () => {
  for (const gateway of running) {
    gateway.kill('SIGKILL');
    await gateway.exited;
  }
  await rm(folder, { recursive: true, force: true });
});

async function gatewayIn(where: string): Promise<GatewayProcess> {
  const gateway = await serve(where);
  running.push(gateway);
  return gateway;
}

const configuration = () => join(folder, 'banyan.yaml');
const serveVerb = () => banyan(['serve', '--config', configuration()], { env: { BANYAN_LOG_LEVEL: 'silent' } });
const readiness = async (gateway: GatewayProcess): Promise<number> => (await fetch(`${gateway.admin}/readyz`)).status;

async function childrenOf(gateway: GatewayProcess): Promise<number[]> {
  const inventory = (await (await fetch(`${gateway.admin}/api/v1/plugins`)).json()) as {
    plugins: { backends: { legacy?: { pids: number[] } | null } }[];
  };
  return inventory.plugins.flatMap((plugin) => plugin.backends.legacy?.pids ?? []);
}

/** A process that is gone, or a zombie that only waits to be noticed. */
async function isGone(pid: number): Promise<boolean> {
  if (!existsSync(`/proc/${pid}/stat`)) return true;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') Z');
  return /\) [ZX]/.test(stat);
}

describe('a stop by SIGTERM', () => {
  it('says so by readyz, lets the calls that run end, ends every child, and exits with 0', async () => {
    const gateway = await gatewayIn(folder);
    const children = await childrenOf(gateway);
    expect(children.length).toBeGreaterThanOrEqual(5);
    const slow = call(gateway, 'faulty/sleep', '800');
    await expect
      .poll(async () => (await fetch(`${gateway.admin}/metrics`)).text())
      .toMatch(/banyan_calls_in_flight\{plugin="faulty",backend="legacy"\} 1/);
    gateway.kill('SIGTERM');
    await expect.poll(() => readiness(gateway)).toBe(503);
    expect(await slow).toMatchObject({ status: 200 });
    expect(await gateway.exited).toBe(0);
    for (const pid of children) expect(await isGone(pid)).toBe(true);
  });
});

it('a connection that never says a word does not hold up the end', async () => {
  const gateway = await gatewayIn(folder);
  const { hostname, port } = new URL(gateway.data);
  const silent = connect(Number(port), hostname);
  await new Promise((resolve) => silent.once('connect', resolve));
  gateway.kill('SIGTERM');
  expect(await gateway.exited).toBe(0);
  expect(gateway.stderr()).not.toContain('cut off');
  silent.destroy();
});

it('a stream of events tells of flips while the gateway runs, and ends whole with it', async () => {
  const gateway = await gatewayIn(folder);
  const stream = await fetch(`${gateway.admin}/api/v1/events`);
  const told = stream.text();
  await set(gateway, 'vowels', { stage: 'wasm' });
  gateway.kill('SIGTERM');
  expect(await told).toMatch(/\nevent: route\ndata: .*"revision":1,/);
  expect(await gateway.exited).toBe(0);
});

it('a gateway that is killed leaves no child behind', async () => {
  const gateway = await gatewayIn(folder);
  const children = await childrenOf(gateway);
  gateway.kill('SIGKILL');
  await gateway.exited;
  await expect.poll(async () => (await Promise.all(children.map(isGone))).every(Boolean)).toBe(true);
});

it('what was flipped is still so after the gateway was killed', async () => {
  const first = await gatewayIn(folder);
  await set(first, 'vowels', { stage: 'canary', percent: 12.34, allow: ['tenant-ä'] });
  first.kill('SIGKILL');
  await first.exited;
  const second = await gatewayIn(folder);
  const route = await (await fetch(`${second.admin}/api/v1/routes/vowels`)).json();
  expect(route).toMatchObject({ revision: 1, stage: { stage: 'canary', percent: 12.34, allow: ['tenant-ä'] } });
});

it('a key of allow is matched by its UTF-8 bytes', async () => {
  const gateway = await gatewayIn(folder);
  await set(gateway, 'vowels', { stage: 'canary', percent: 0, allow: ['tenant-ä'] });
  const asBytes = Buffer.from('tenant-ä').toString('latin1');
  const answer = await call(gateway, 'vowels/count', 'hello', { 'x-banyan-key': asBytes });
  expect(answer).toMatchObject({ backend: 'wasm', reason: 'allowlist' });
});

it('SIGHUP reloads, and logs a mistake without ending', async () => {
  const gateway = await gatewayIn(folder);
  gateway.kill('SIGHUP');
  await expect.poll(() => gateway.stderr()).toMatch(/"msg":"reloaded"/);
  await writeFile(join(folder, 'plugins/vowels/plugin.yaml'), 'no: manifest\n');
  gateway.kill('SIGHUP');
  await expect.poll(() => gateway.stderr()).toMatch(/reload refused, nothing has changed/);
  expect((await call(gateway, 'vowels/count', 'hello world')).status).toBe(200);
});

describe('a gateway that cannot start says why in one line and exits with 1', () => {
  it('when the store is in use by another', async () => {
    await gatewayIn(folder);
    const second = await serveVerb();
    expect(second).toMatchObject({ status: 1, out: '' });
    expect(second.err).toMatch(/^banyan: .*in use by another Banyan process.*\n$/);
  });

  it.each(['data', 'admin'])('when the %s port is in use', async (listener) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const text = await readFile(configuration(), 'utf8');
    const at = text.indexOf(`${listener}:`);
    await writeFile(configuration(), text.slice(0, at) + text.slice(at).replace(':0', `:${port}`));
    const refused = await serveVerb();
    taken.close();
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(new RegExp(`^banyan: 127\\.0\\.0\\.1:${port} is in use.*\\n$`));
  });

  it('when the store cannot be written', async () => {
    await writeFile(join(folder, 'var'), 'a file where a folder should be');
    const refused = await serveVerb();
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(/^banyan: the store .* cannot be written.*\n$/);
  });

  it('when the state is torn, which it leaves as it is', async () => {
    const gateway = await gatewayIn(folder);
    await set(gateway, 'vowels', { stage: 'wasm' });
    gateway.kill('SIGINT');
    await gateway.exited;
    const file = join(folder, 'var/state.json');
    const torn = (await readFile(file, 'utf8')).slice(0, 40);
    await writeFile(file, torn);
    const refused = await serveVerb();
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(/state\.json is not a whole Banyan state/);
    expect(await readFile(file, 'utf8')).toBe(torn);
  });

  it('when the configuration has mistakes: each with its place', async () => {
    await writeFile(configuration(), 'data: { listen: nowhere }\nadmin: { listen: 0.0.0.0:8081 }\nplugin: ./x\n');
    const refused = await serveVerb();
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(/banyan\.yaml:1:\d+: data\.listen/);
    expect(refused.err).toMatch(/banyan\.yaml:2:\d+: admin\.listen.*loopback/);
    expect(refused.err).toMatch(/banyan\.yaml:3:1: plugin/);
  });

  it('when tokens are configured, which this version would not honour', async () => {
    const tokens = 'tokens: [ { name: ci, role: admin, sha256: 00 } ]';
    await writeFile(configuration(), `admin: { listen: 127.0.0.1:0, ${tokens} }\nplugins: ./plugins\n`);
    const refused = await serveVerb();
    expect(refused.status).toBe(1);
    expect(refused.err).toMatch(/admin\.tokens/);
  });
});

describe('a plugin that cannot run disables nothing but itself', () => {
  const spoil = async (plugin: string, change: (text: string) => string): Promise<void> => {
    const file = join(folder, 'plugins', plugin, 'plugin.yaml');
    await writeFile(file, change(await readFile(file, 'utf8')));
  };
  const inspect = async (gateway: GatewayProcess, name: string) => {
    const inventory = (await (await fetch(`${gateway.admin}/api/v1/plugins`)).json()) as {
      plugins: { name: string; state: string; problems: { message: string }[]; backends: object }[];
    };
    return inventory.plugins.find((plugin) => plugin.name === name)!;
  };

  const frame = Buffer.from([1, 0, 0, 0, 1, 0, 0, 0, 9, 9, 9, 255]);

  it.each<[string, () => Promise<void>, string, number, number]>([
    ['a manifest that is not YAML', () => spoil('image', () => '{ not: [yaml'), 'disabled', 503, 503],
    [
      'a .so that is a text file',
      () => writeFile(join(folder, 'plugins/image/libimage.so'), 'text'),
      'degraded',
      503,
      200,
    ],
    ['a missing symbol', () => spoil('image', (text) => text.replace('_grey', '_gray')), 'degraded', 503, 200],
    [
      'a module that is no wasm',
      () => writeFile(join(folder, 'plugins/image/image.wasm'), 'text'),
      'degraded',
      200,
      503,
    ],
  ])('(%s)', async (_what, spoiling, state, onLegacy, onWasm) => {
    await spoiling();
    const gateway = await gatewayIn(folder);
    expect((await inspect(gateway, 'image')).state).toBe(state);
    expect(await (await fetch(`${gateway.admin}/readyz`)).json()).toMatchObject({ status: 'degraded' });
    expect((await call(gateway, 'vowels/count', 'hello world')).body.toString()).toBe('{"count":3}');
    expect((await call(gateway, 'image/grey', frame)).status).toBe(onLegacy);
    if (state !== 'disabled') await set(gateway, 'image', { stage: 'wasm' });
    expect((await call(gateway, 'image/grey', frame)).status).toBe(onWasm);
  });
});

it('a module that starts for ever keeps no other plugin from being called', async () => {
  const plugin = join(folder, 'plugins/endless');
  await mkdir(plugin);
  await writeFile(
    join(plugin, 'plugin.yaml'),
    'name: endless\nversion: 1.0.0\nfunctions: { run: {} }\nbackends: { wasm: { kind: wasm, module: endless.wasm } }\n',
  );
  const endless = assemble({ functions: { run: i32(0) }, start: forever });
  await writeFile(join(plugin, 'endless.wasm'), endless);
  const gateway = await gatewayIn(folder);
  await set(gateway, 'vowels', { stage: 'wasm' });
  expect((await call(gateway, 'vowels/count', 'hello world')).body.toString()).toBe('{"count":3}');
  expect(await call(gateway, 'endless/run', '')).toMatchObject({ status: 503, code: 'unavailable' });
  const detail = async (): Promise<string | null> => (await call(gateway, 'endless/run', '')).detail;
  await expect.poll(detail, { timeout: 30_000 }).toMatch(/refused: endless: it did not start within 10000 ms/);
});
