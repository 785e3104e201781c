import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, exampleFolder, serve, set, stop } from './gateway-process.js';
import type { GatewayProcess } from './gateway-process.js';

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await serve(await exampleFolder());
});
afterAll(() => stop(gateway));

// What each function of the faulty plugin does on each side, as a caller sees it.
const NATIVE: readonly [string, string, number, string | null, RegExp][] = [
  ['echo', 'hello', 200, null, /^hello$/],
  ['segfault', '', 502, 'crashed', /SIGSEGV/],
  ['abort', '', 502, 'crashed', /SIGABRT/],
  ['exit0', '', 502, 'crashed', /exit status 0/],
  ['overflow', '', 502, 'crashed', /SIGSEGV/],
  ['loop', '', 504, 'timeout', /time/],
  ['sleep', '5000', 504, 'timeout', /time/],
  ['sleep', '5', 200, null, /slept/],
  ['leak', '', 200, null, /64 MiB/],
  ['print', '', 200, null, /printed/],
  ['error', '', 500, 'plugin-error', /failed on purpose/],
  ['status', '', 500, 'plugin-error', /3/],
  ['wild', '', 502, 'output-too-large', /16777216|16 ?MiB/],
  ['dangling', '', 502, 'bad-output', /./],
];
const WASM: readonly [string, string, number, string | null, RegExp][] = [
  ['echo', 'hello', 200, null, /^hello$/],
  ['segfault', '', 502, 'trapped', /out of bounds/],
  ['abort', '', 502, 'trapped', /unreachable/],
  ['exit0', '', 502, 'trapped', /unreachable/],
  ['overflow', '', 502, 'trapped', /stack/],
  ['loop', '', 504, 'timeout', /deadline|time/],
  ['leak', '', 200, null, /64 MiB/],
  ['print', '', 200, null, /printed/],
  ['error', '', 500, 'plugin-error', /failed on purpose/],
  ['status', '', 500, 'plugin-error', /3/],
  ['wild', '', 502, 'trapped', /output_set/],
  ['dangling', '', 502, 'trapped', /output_set/],
];

const NEIGHBOURS: readonly [string, string, string][] = [
  ['vowels/count', 'hello world', '{"count":3}'],
  ['crc/checksum', 'hello', '907060870'],
];

describe.each([
  ['legacy', { stage: 'legacy' }, NATIVE],
  ['wasm', { stage: 'wasm' }, WASM],
] as const)('on %s', (backend, stage, cases) => {
  beforeAll(async () => {
    for (const plugin of ['faulty', 'vowels', 'crc']) await set(gateway, plugin, stage);
  });

  it.each(cases)('faulty/%s(%s) is answered %d %s, and the next call of every other plugin is fine', async (...row) => {
    const [name, input, status, code, text] = row;
    const answer = await call(gateway, `faulty/${name}`, input);
    expect(answer).toMatchObject({ status, code, backend });
    expect(answer.detail ?? answer.body.toString()).toMatch(text);
    for (const [target, given, expected] of NEIGHBOURS) {
      const next = await call(gateway, target, given);
      expect(next).toMatchObject({ status: 200, backend });
      expect(next.body.toString()).toBe(expected);
    }
  });

  it('the faulty plugin itself answers again after all that', async () => {
    const answer = await call(gateway, 'faulty/echo', 'still here');
    expect(answer.body.toString()).toBe('still here');
  });
});

it('what a library prints goes to the log and nowhere else', async () => {
  await set(gateway, 'faulty', { stage: 'legacy' });
  await call(gateway, 'faulty/print', '');
  await expect.poll(() => gateway.stderr()).toMatch(/"stream":"stdout"/);
});
