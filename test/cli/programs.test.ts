import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { banyan, start } from './banyan.js';

const EXAMPLE = fileURLToPath(new URL('../../build/example', import.meta.url));

let folder: string;
let config: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-cli-'));
  config = join(folder, 'banyan.yaml');
  await cp(EXAMPLE, folder, { recursive: true, filter: (source) => source !== join(EXAMPLE, 'var') });
  await listenOn(0);
});
afterEach(() => rm(folder, { recursive: true }));

async function listenOn(dataPort: number): Promise<void> {
  const example = await readFile(join(EXAMPLE, 'banyan.yaml'), 'utf8');
  await writeFile(config, example.replace(/:8080\b/, `:${dataPort}`).replace(/:8081\b/, ':0'));
}

/** Starts a gateway and answers the addresses that it prints. */
async function serving() {
  const child = start(['serve', '--config', config]);
  child.stderr.resume();
  let out = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    out += String(chunk);
    const [, data, admin] = /calls +(\S+)\n +admin +(\S+)\n/.exec(out) ?? [];
    if (data !== undefined && admin !== undefined) return { child, env: { BANYAN_DATA: data, BANYAN_ADMIN: admin } };
  }
  throw new Error(`it ended before it served: ${out}`);
}

describe('serve', () => {
  it('is called, steered and stopped from the command line', async () => {
    const { child, env } = await serving();
    try {
      const before = await banyan(['call', 'vowels/count', 'hello world', '-v'], { env });
      expect([before.status, before.out]).toEqual([0, '{"count":3}']);
      expect(before.err).toContain('backend: legacy');
      expect((await banyan(['set', 'vowels', 'wasm'], { env })).status).toBe(0);
      const after = await banyan(['call', 'vowels/count', 'hello world', '-v'], { env });
      expect([after.status, after.out]).toEqual([0, '{"count":3}']);
      expect(after.err).toContain('backend: wasm');
      expect((await banyan(['reload'], { env })).out).toContain('unchanged: ');
      expect((await banyan(['status'], { env })).out).toMatch(/^ready, revision 1$/m);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await once(child, 'close')).toEqual([0, null]);
  });

  it('says in one line that a port is in use, and ends with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await listenOn(port);
    const { status, err } = await banyan(['serve', '--config', config]);
    other.close();
    expect(status).toBe(1);
    expect(err).toMatch(new RegExp(`^banyan: 127\\.0\\.0\\.1:${port} is in use.*$`, 'm'));
    expect(err).not.toContain('    at ');
  });

  it('says where its configuration is wrong, and ends with 1', async () => {
    await writeFile(config, 'data: { listen: 127.0.0.1:0 }\ncolour: blue\n');
    const { status, out, err } = await banyan(['serve', '--config', config]);
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain(`${config}:2:1: colour`);
    expect(err).not.toContain('    at ');
  });
});

describe('check', () => {
  it('ends with 0 when nothing is wrong, else with 1 and every mistake at its place', async () => {
    expect((await banyan(['check', '--config', config])).status).toBe(0);
    const manifest = join(folder, 'plugins/vowels/plugin.yaml');
    await writeFile(manifest, 'name: vowels\nversion: [\n');
    const { status, out, err } = await banyan(['check', '--config', config]);
    expect(status).toBe(1);
    expect(out + err).toMatch(/vowels\/plugin\.yaml:\d+:\d+: /);
    const json = await banyan(['check', '--config', config, '--json']);
    expect(json.status).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ problems: [{ file: manifest }] });
  });
});
