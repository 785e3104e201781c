import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exampleFolder, type GatewayProcess, serve, stop } from './gateway-process.js';

let gateway: GatewayProcess;

beforeAll(async () => {
  const folder = await exampleFolder();
  const add = async (name: string, functions: string, module: string): Promise<void> => {
    const plugin = join(folder, 'plugins', name);
    await mkdir(plugin);
    await cp(`build/fixtures/wasm/${module}`, join(plugin, module));
    await writeFile(
      join(plugin, 'plugin.yaml'),
      `name: ${name}
version: 1.0.0
functions: { ${functions} }
limits: { output: 64KiB }
backends: { wasm: { kind: wasm, module: ${module}, memory: 8MiB } }
`,
    );
  };
  await add('limited', 'echo: {}, loop: { timeout: 1s }, leak: {}, overflow: {}', 'faulty.wasm');
  await add('notes', 'remember: {}, count: {}', 'notes.wasm');
  gateway = await serve(folder);
});
afterAll(() => stop(gateway));

const post = (target: string, body: string): Promise<Response> =>
  fetch(`${gateway.data}/plugins/${target}`, { method: 'POST', body });

it.each([
  ['memory', 'limited/leak', 'x', 502, 'trapped', /its memory: \d+ bytes of a limit of 8388608/],
  [
    'memory, by its input alone',
    'limited/echo',
    'x'.repeat(9_000_000),
    502,
    'trapped',
    /no room for a block of 9000000 bytes/,
  ],
  ['the stack', 'limited/overflow', 'x', 502, 'trapped', /^stack overflow/],
  [
    'the output',
    'limited/echo',
    'x'.repeat(65_537),
    502,
    'output-too-large',
    /its output is 65537 bytes, over the limit of 65536/,
  ],
  ['the deadline', 'limited/loop', 'x', 504, 'timeout', /its deadline passed while it ran/],
  ['vars', 'notes/remember', 'x'.repeat(1_100_000), 502, 'trapped', /its vars are over their limit of 1048576 bytes/],
] as const)('a module that runs over %s is told by a problem document, and its next call is fine', async (...row) => {
  const [, target, input, status, code, detail] = row;
  const response = await post(target, input);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.status).toBe(status);
  const [plugin, name] = target.split('/');
  expect(await response.json()).toMatchObject({
    status,
    code,
    detail: expect.stringMatching(detail) as string,
    plugin,
    function: name,
    backend: 'wasm',
    requestId: response.headers.get('x-request-id'),
  });
  const [next, said] = plugin === 'notes' ? ['notes/count', /^\{/] : ['limited/echo', /^hello$/];
  const after = await post(next, 'hello');
  expect([after.status, await after.text()]).toEqual([200, expect.stringMatching(said)]);
});
