import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolloutView } from '#src/schema/rollout-view.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { banyan } from '../cli/banyan.js';
import { call, exampleFolder, serve, stop } from './gateway-process.js';
import type { GatewayProcess } from './gateway-process.js';

const PLAN = `
gates: { mismatches: { limit: 0.1 } }
steps:
  - stage: { stage: canary, percent: 100 }
  - stage: { stage: wasm }
`;

let folder: string;
let gateway: GatewayProcess;
/** The manifest of a module that counts vowels. */
let right: string;
const manifest = (): string => join(folder, 'plugins/vowels/plugin.yaml');

beforeEach(async () => {
  folder = await exampleFolder();
  await cp(join(folder, 'plugins/faulty/faulty.wasm'), join(folder, 'plugins/vowels/faulty.wasm'));
  right = (await readFile(manifest(), 'utf8')).replace('  count:\n', '  count:\n    trip: { rest: 1s }\n');
  const exports = '{ count: { export: abort }, list: { export: echo } }';
  const wrong = right.replace('module: vowels.wasm', `module: faulty.wasm\n    functions: ${exports}`);
  await writeFile(manifest(), wrong);
  gateway = await serve(folder);
});
afterEach(() => stop(gateway));

const run = (...args: string[]) => banyan(args, { env: { BANYAN_ADMIN: gateway.admin } });
const count = () => call(gateway, 'vowels/count', 'hello world');
const state = async () => {
  const { out } = await run('rollout', 'show', 'vowels/count', '--json');
  return rolloutView.parse(JSON.parse(out)).state;
};

describe('a rollout to a module that traps', () => {
  beforeEach(async () => {
    await writeFile(join(folder, 'plan.yaml'), PLAN);
    expect(await run('rollout', 'plan', 'vowels/count', join(folder, 'plan.yaml'))).toMatchObject({ status: 0 });
    for (let time = 0; time < 5; time++) expect(await count()).toMatchObject({ status: 502, code: 'trapped' });
  });

  it('costs its callers five calls: then legacy answers, also after a kill, and the intent stays', async () => {
    expect(await count()).toMatchObject({ status: 200, backend: 'legacy', reason: 'tripped' });
    expect(await state()).toMatchObject({ state: 'tripped', step: 0, cause: 'trapped' });
    await expect.poll(() => readFile(join(folder, 'var/trips.json'), 'utf8').catch(() => '')).toContain('trapped');
    gateway.kill('SIGKILL');
    await gateway.exited;
    gateway = await serve(folder);
    expect(await count()).toMatchObject({ status: 200, backend: 'legacy' });
    expect((await run('routes', 'vowels/count')).out).toMatch(
      /canary 100 % +own +legacy|canary 100 % +own +shadow 100 %/,
    );
    expect(await state()).toMatchObject({ state: 'tripped', step: 0 });
  });

  it('goes on by itself once a module that works is there', async () => {
    await writeFile(manifest(), right);
    expect(await run('reload')).toMatchObject({ status: 0 });
    const answered = async () => (await count()).backend;
    await expect.poll(answered, { timeout: 20_000, interval: 50 }).toBe('wasm');
    expect(await count()).toMatchObject({ status: 200, backend: 'wasm', reason: 'percentage' });
    expect(await state()).toMatchObject({ state: 'running', step: 0 });
    expect((await run('trips')).out).toBe('nothing is tripped\n');
  });
});

it('a rollout that is aborted gives every call to legacy until it is resumed', async () => {
  await rm(join(folder, 'plugins/vowels/faulty.wasm'));
  await writeFile(manifest(), right);
  expect(await run('reload')).toMatchObject({ status: 0 });
  await writeFile(join(folder, 'plan.yaml'), PLAN);
  await run('rollout', 'plan', 'vowels', join(folder, 'plan.yaml'));
  expect(await count()).toMatchObject({ status: 200, backend: 'wasm' });
  expect(await run('rollout', 'abort', 'vowels')).toMatchObject({ status: 0 });
  expect(await count()).toMatchObject({ status: 200, backend: 'legacy', reason: 'tripped' });
  expect(await run('rollout', 'resume', 'vowels')).toMatchObject({ status: 0 });
  expect(await count()).toMatchObject({ status: 200, backend: 'wasm' });
});
