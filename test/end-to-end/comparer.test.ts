import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { functionEvidenceView } from '#src/schema/evidence.js';
import { banyan } from '../cli/banyan.js';
import { call, exampleFolder, serve, set, stop, type GatewayProcess } from './gateway-process.js';

const SAME = 'export default () => true;\n';
const HALF_A_CENT = JSON.stringify({ sku: 'fig', unitPriceCents: 5, quantity: 1, discountPercent: 10 });

let folder: string;
let gateway: GatewayProcess | null;
beforeEach(async () => {
  gateway = null;
  folder = await exampleFolder();
  const manifest = join(folder, 'plugins/pricing/plugin.yaml');
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('compare: { as: json }', 'compare: { by: compare.js }'));
});
afterEach(() => (gateway === null ? rm(folder, { recursive: true }) : stop(gateway)));

const write = (source: string) => writeFile(join(folder, 'plugins/pricing/compare.js'), source);
const quote = (running: GatewayProcess) => call(running, 'pricing/quote', HALF_A_CENT);

async function place(): Promise<string> {
  const file = join(folder, 'plugins/pricing/plugin.yaml');
  const line = (await readFile(file, 'utf8')).split('\n').findIndex((each) => each.includes('compare:')) + 1;
  return `${file}:${line}:20: functions.quote.compare.by: "compare.js" cannot compare: `;
}

async function inventory(running: GatewayProcess) {
  const { plugins } = (await (await fetch(`${running.admin}/api/v1/plugins`)).json()) as {
    plugins: { name: string; state: string; problems: { message: string }[] }[];
  };
  return new Map(plugins.map((each) => [each.name, each]));
}

describe('a module that cannot compare', () => {
  it.each([
    ['export default {{', "it cannot be loaded: SyntaxError: Unexpected token '{'; expected an ES module"],
    ['export const compare = () => true;', 'it has no function as its default export; expected an ES module'],
    [`throw new Error('bad day');`, 'it cannot be loaded: Error: bad day; expected an ES module'],
    [`await new Promise(() => undefined); ${SAME}`, 'it awaits what never comes; expected an ES module'],
  ])('is found by check, with its place: %s', async (source, why) => {
    await write(source);
    const { status, out } = await banyan(['check', '--config', join(folder, 'banyan.yaml')]);
    expect(status).toBe(1);
    expect(out).toContain(`${await place()}${why}`);
    expect(out).toContain('1 mistake; fine: cart, crc, faulty, image, vowels');
  });

  it('disables its plugin alone at the start, and a reload with it changes nothing', async () => {
    await write('export default 1;');
    gateway = await serve(folder);
    const running = gateway;
    const reload = () => banyan(['reload', '--admin', running.admin]);
    const disabled = (await inventory(running)).get('pricing');
    expect(disabled).toMatchObject({ state: 'disabled', problems: [{ path: 'functions.quote.compare.by' }] });
    expect((await call(running, 'vowels/count', 'a')).status).toBe(200);
    expect((await quote(running)).status).toBe(503);

    await write(SAME);
    expect((await reload()).status).toBe(0);
    expect((await quote(running)).status).toBe(200);

    await write('process.exit(7);');
    const refused = await fetch(`${running.admin}/api/v1/reload`, { method: 'POST' });
    expect([refused.status, await refused.text()]).toEqual([
      422,
      expect.stringContaining(JSON.stringify(`${await place()}it ended its thread;`).slice(1, -1)) as string,
    ]);
    expect((await quote(running)).status).toBe(200);
    expect((await inventory(running)).get('pricing')?.state).toBe('ready');
  });
});

it('calls at which a module fails are dropped and told of, and none is held against wasm', async () => {
  await write(`export default ({ output }) => { throw new RangeError('odd') };`);
  gateway = await serve(folder);
  const running = gateway;
  await set(running, 'pricing/quote', { stage: 'shadow', sample: 100 });
  const current = async () => {
    const response = await fetch(`${running.admin}/api/v1/evidence/pricing/quote`);
    return functionEvidenceView.parse(await response.json()).current;
  };
  // A busy machine may have no time for one.
  await expect
    .poll(async () => (await quote(running)).status === 200 && ((await current()).dropped['comparer-failed'] ?? 0), {
      timeout: 10_000,
    })
    .toBeGreaterThan(1);
  const { comparisons, mismatches } = await current();
  expect([Object.values(comparisons), mismatches.held]).toEqual([[0, 0, 0, 0, 0], 0]);
  expect(await (await fetch(`${running.admin}/metrics`)).text()).toMatch(
    /^banyan_shadow_dropped_total\{plugin="pricing",function="quote",reason="comparer-failed"\} [1-9]/m,
  );
  const { out } = await banyan(['evidence', 'pricing/quote', '--admin', running.admin]);
  expect(out).toMatch(/not compared: \d+ sampled calls \(.*\d+ comparer-failed\)/);
  const told = running
    .stderr()
    .split('\n')
    .filter((line) => line.includes('the module of `compare.by` failed'));
  expect(told.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'warn', plugin: 'pricing', function: 'quote', why: 'it threw RangeError: odd', calls: 1 },
  ]);
});
