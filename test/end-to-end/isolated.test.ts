import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pluginsView } from '#src/schema/api.js';
import { isAlive } from '../native/watching.js';
import { call, exampleFolder, type GatewayProcess, serve, set, stop } from './gateway-process.js';

let gateway: GatewayProcess;

/** What is said of the wasm backend of `vowels`. */
async function wasm() {
  const response = await fetch(`${gateway.admin}/api/v1/plugins`);
  const { plugins } = pluginsView.parse(await response.json());
  return plugins.find(({ name }) => name === 'vowels')?.backends.wasm;
}

async function reload(): Promise<void> {
  const response = await fetch(`${gateway.admin}/api/v1/reload`, { method: 'POST' });
  expect(response.status).toBe(200);
}

async function edit(change: (manifest: string) => string): Promise<void> {
  const file = join(gateway.folder, 'plugins/vowels/plugin.yaml');
  await writeFile(file, change(await readFile(file, 'utf8')));
}

beforeAll(async () => {
  gateway = await serve(await exampleFolder());
});
afterAll(() => stop(gateway));

test('a plugin is moved into a process of its own and back by a reload, and no process is left', async () => {
  await set(gateway, 'vowels', { stage: 'wasm' });
  const before = await wasm();
  expect(before).toMatchObject({ isolation: 'thread', state: 'ready' });
  expect(before).not.toHaveProperty('pids');

  await edit((manifest) => manifest.replace('    kind: wasm\n', '    kind: wasm\n    isolation: process\n'));
  await reload();
  const isolated = await wasm();
  expect(isolated).toMatchObject({ isolation: 'process', state: 'ready', containment: { network: 'none' } });
  const [pid] = isolated?.pids ?? [];
  expect(isAlive(pid!)).toBe(true);
  const answer = await call(gateway, 'vowels/count', 'hello world');
  expect([answer.status, answer.backend, answer.body.toString()]).toEqual([200, 'wasm', '{"count":3}']);

  await edit((manifest) => manifest.replace('    isolation: process\n', ''));
  await reload();
  expect(await wasm()).toMatchObject({ isolation: 'thread', state: 'ready' });
  while (isAlive(pid!)) await new Promise((resolve) => setTimeout(resolve, 5));
  expect((await call(gateway, 'vowels/count', 'hello world')).status).toBe(200);
});

test('a plugin that is taken away takes its process along', async () => {
  await edit((manifest) => manifest.replace('    kind: wasm\n', '    kind: wasm\n    isolation: process\n'));
  await reload();
  const [pid] = (await wasm())?.pids ?? [];
  expect(isAlive(pid!)).toBe(true);
  await rm(join(gateway.folder, 'plugins/vowels'), { recursive: true });
  await reload();
  while (isAlive(pid!)) await new Promise((resolve) => setTimeout(resolve, 5));
});
