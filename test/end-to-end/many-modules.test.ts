import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assemble } from '../wasm/assemble.js';
import { reservedMemories } from '../wasm/address-space.js';
import { call, serve, stop } from './gateway-process.js';
import type { GatewayProcess } from './gateway-process.js';

const COUNT = 300;
/** Those of the first of one start that are compiled and started at once. */
const TRIED = 200;

const names = Array.from({ length: COUNT }, (_, index) => `vowels-${String(index).padStart(3, '0')}`);
/** Behind the first 200, with code that no engine compiles. */
const BROKEN = names[250]!;

const manifest = (name: string, version = '1.0.0'): string => `
name: ${name}
version: ${version}
functions: { count: { effects: pure } }
backends: { wasm: { kind: wasm, module: module.wasm } }
`;

let gateway: GatewayProcess;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-many-'));
  const module = await readFile('build/fixtures/wasm/vowels.wasm');
  for (const name of names) {
    await mkdir(join(folder, 'plugins', name), { recursive: true });
    await writeFile(join(folder, 'plugins', name, 'plugin.yaml'), manifest(name));
    // An empty custom section by its name: a module of its own.
    const mark = Buffer.from([0, name.length + 1, name.length, ...Buffer.from(name)]);
    await writeFile(join(folder, 'plugins', name, 'module.wasm'), Buffer.concat([module, mark]));
  }
  const broken = assemble({ functions: { count: [0x6a] } });
  await writeFile(join(folder, 'plugins', BROKEN, 'module.wasm'), broken);
  await writeFile(
    join(folder, 'banyan.yaml'),
    'data: { listen: 127.0.0.1:0 }\nadmin: { listen: 127.0.0.1:0 }\nlanes: 1\n',
  );
  gateway = await serve(folder);
}, 60_000);
afterAll(() => stop(gateway));

interface Inventory {
  readonly plugins: {
    readonly name: string;
    readonly backends: { readonly wasm: { readonly state: string; readonly untried?: true } };
  }[];
}

async function wasmOf(): Promise<Map<string, Inventory['plugins'][number]['backends']['wasm']>> {
  const inventory = (await (await fetch(`${gateway.admin}/api/v1/plugins`)).json()) as Inventory;
  return new Map(inventory.plugins.map(({ name, backends }) => [name, backends.wasm]));
}

const untried = async (): Promise<string[]> =>
  [...(await wasmOf())].flatMap(([name, wasm]) => (wasm.untried === true ? [name] : []));

it('a start compiles the first 200 modules and no more: one behind them that no engine compiles is not found out', async () => {
  expect(await untried()).toEqual(names.slice(TRIED));
  const ready = await fetch(`${gateway.admin}/readyz`);
  expect([ready.status, ((await ready.json()) as { status: string }).status]).toEqual([200, 'ready']);
});

it('a first call compiles its own module, and no other', async () => {
  const [name, other] = [names[230]!, names[231]!];
  expect((await call(gateway, `${name}/count`, 'hello world')).body.toString()).toBe('{"count":3}');
  const left = await untried();
  expect(left).not.toContain(name);
  expect(left).toContain(other);
  expect(left).toHaveLength(COUNT - TRIED - 1);
});

it('a module that does not compile is refused by its first call, which says why', async () => {
  const { status, code, detail } = await call(gateway, `${BROKEN}/count`, '');
  expect([status, code]).toEqual([503, 'unavailable']);
  expect(detail).toMatch(/refused: module\.wasm does not compile/);
  expect((await wasmOf()).get(BROKEN)).toMatchObject({ state: 'refused' });
  expect((await (await fetch(`${gateway.admin}/readyz`)).json()) as object).toMatchObject({ status: 'degraded' });
  await writeFile(
    join(gateway.folder, 'plugins', BROKEN, 'module.wasm'),
    await readFile('build/fixtures/wasm/vowels.wasm'),
  );
});

it('a reload with one changed plugin tries that one, and touches no other', async () => {
  const name = names[290]!;
  const before = await untried();
  expect(before).toContain(name);
  await writeFile(join(gateway.folder, 'plugins', name, 'plugin.yaml'), manifest(name, '1.0.1'));
  const answer = await fetch(`${gateway.admin}/api/v1/reload`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(await answer.json()).toMatchObject({ added: [], removed: [], changed: [BROKEN, name] });
  expect(await untried()).toEqual(before.filter((each) => each !== name));
});

it.skipIf(process.platform !== 'linux')('no instance is left of those that were only tried', async () => {
  await expect.poll(() => reservedMemories(gateway.pid), { timeout: 10_000 }).toBeLessThan(20);
});
