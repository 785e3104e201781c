import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { send, startGateway } from '../http/gateway.js';
import type { TestGateway } from '../http/gateway.js';
import { banyan } from './banyan.js';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.close());

const call = (args: readonly string[], stdin: string | Buffer = '') =>
  banyan(['call', ...args], { env: { BANYAN_DATA: gateway.data }, stdin });

describe('call', () => {
  it('prints the output and nothing else', async () => {
    const { status, out, err } = await call(['vowels/count', 'hello world']);
    expect([status, out, err]).toEqual([0, 'legacy:hello world', '']);
  });

  it('takes bytes from stdin and from a file, and prints bytes as they are', async () => {
    const input = Buffer.from([0, 255, 10, 13, 128]);
    const expected = Buffer.concat([Buffer.from('legacy:'), input]);
    expect((await call(['vowels/count'], input)).bytes).toEqual(expected);
    expect((await call(['vowels/count', '--file', '-'], input)).bytes).toEqual(expected);
    const folder = await mkdtemp(join(tmpdir(), 'banyan-call-'));
    await writeFile(join(folder, 'input'), input);
    expect((await call(['vowels/count', '--file', join(folder, 'input')])).bytes).toEqual(expected);
    await rm(folder, { recursive: true });
  });

  it('says with -v on stderr who answered, why, and how long it took', async () => {
    const { out, err } = await call(['vowels/count', 'x', '-v']);
    expect(out).toBe('legacy:x');
    expect(err).toMatch(/^status: 200\nbackend: legacy\nreason: stage\nrevision: 0\ntime: queue;dur=.*, backend;dur=/);
  });

  it('sends the sticky key, in any script', async () => {
    await send(gateway.admin, '/api/v1/routes/vowels', {
      method: 'PUT',
      headers: { 'if-match': '*' },
      body: { stage: 'canary', percent: 0, allow: ['ü'] },
    });
    expect((await call(['vowels/count', 'x', '--key', 'ü'])).out).toBe('wasm:x');
    expect((await call(['vowels/count', 'x', '--key', 'u'])).out).toBe('legacy:x');
    expect((await call(['vowels/count', 'x', '--key', 'ü', '--key-header', 'x-other'])).out).toBe('legacy:x');
  });

  it('ends with 1 when the call fails, its words made harmless', async () => {
    const { status, out, err } = await call(['vowels/count', 'fail']);
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain('The plugin reported an error: it says \ufffd[31mno');
    expect((await call(['vowels/nothing', 'x'])).err).toContain('vowels');
    expect((await call(['vowels/count'], Buffer.alloc(2048))).err).toContain('over 1024 bytes');
  });

  it('says which file it cannot read, which header it cannot send, and where nothing listens', async () => {
    expect(await call(['vowels/count', '--file', '/nowhere/input'])).toMatchObject({ status: 1 });
    expect((await call(['vowels/count', 'x', '--key', 'k', '--key-header', 'a b'])).err).toContain('cannot be sent');
    const { data } = gateway;
    await gateway.close();
    const { status, err } = await banyan(['call', 'vowels/count', 'x', '--data', data]);
    expect(status).toBe(1);
    expect(err).toContain('--data');
    gateway = await startGateway();
  });
});
