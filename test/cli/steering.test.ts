import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NativeSpec } from '#src/domain/native.js';
import type { Plugin } from '#src/domain/plugin.js';
import { historyView, pluginsView, readinessView, routesView } from '#src/schema/api.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startGateway } from '../http/gateway.js';
import type { TestGateway } from '../http/gateway.js';
import { banyan, start } from './banyan.js';
import type { Ran } from './banyan.js';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(() => gateway.close());

const run = (...args: string[]): Promise<Ran> => banyan(args, { env: { BANYAN_ADMIN: gateway.admin } });
const stageOf = (plugin: string, name: string | null = null) =>
  gateway.control.routes().find((each) => each.plugin === plugin && each.function === name)!.stage;

describe('set', () => {
  it('does the examples of the manual', async () => {
    const first = await run(
      'set',
      'pricing/quote',
      'canary',
      '--percent',
      '5',
      '--sample',
      '10',
      '--comment',
      'first tenants',
    );
    expect(first.status).toBe(0);
    expect(first.out).toMatch(/pricing\/quote +canary 5 %, sample 10 % +own +as set +1/);
    expect(stageOf('pricing', 'quote')).toEqual({
      stage: 'canary',
      percent: 5,
      sample: 10,
      allow: [],
      fallback: false,
    });
    const [entry] = await gateway.control.history(1);
    expect(entry).toMatchObject({ revision: 1, comment: 'first tenants' });

    expect((await run('set', 'pricing', 'legacy', '--cascade')).status).toBe(0);
    expect(stageOf('pricing', 'quote')).toEqual({ stage: 'legacy' });
    expect((await run('rollback')).status).toBe(0);
    expect(stageOf('pricing', 'quote')).toMatchObject({ stage: 'canary', percent: 5 });
    expect((await run('rollback', '0', '--plugin', 'pricing')).status).toBe(0);
    expect(stageOf('pricing', 'quote')).toEqual({ stage: 'legacy' });
  });

  it('takes keys, a fallback, and a comment in any script', async () => {
    const { status, err } = await run(
      'set',
      'vowels',
      'canary',
      '--percent',
      '0.07',
      '--allow',
      'a',
      'ü',
      '--fallback',
      '--comment',
      'für „ü“ → 日本',
    );
    expect(status).toBe(0);
    expect(err).toBe('');
    expect(stageOf('vowels')).toEqual({ stage: 'canary', percent: 0.07, sample: 0, allow: ['a', 'ü'], fallback: true });
    expect((await gateway.control.history(1))[0]!.comment).toBe('für „ü“ → 日本');
  });

  it('retires legacy by force alone while there is no proof, and a dry run says what is missing', async () => {
    const refused = await run('set', 'vowels', 'retired');
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('vowels/count: nothing was compared');
    const asked = await run('set', 'vowels', 'retired', '--dry-run');
    expect(asked.status).toBe(0);
    expect(asked.out).toContain('vowels/count: no evidence\n  missing: nothing was compared');
    const forced = await run('set', 'vowels', 'retired', '--force');
    expect(forced.status).toBe(0);
    expect(forced.err).toContain('warning: vowels/count: nothing was compared');
    expect(stageOf('vowels')).toEqual({ stage: 'retired' });
  });

  it('changes nothing in a dry run', async () => {
    const { status, out } = await run('set', 'pricing', 'wasm', '--dry-run');
    expect(status).toBe(0);
    expect(out).toContain('nothing was changed');
    expect(gateway.control.current().revision).toBe(0);
  });

  it('honours --if-match, and says what to do when it is stale', async () => {
    expect((await run('set', 'pricing', 'wasm', '--if-match', '0')).status).toBe(0);
    const stale = await run('set', 'pricing', 'legacy', '--if-match', '0');
    expect(stale.status).toBe(1);
    expect(stale.err).toContain('the revision is 1 by now');
    expect(stale.err).toContain('banyan routes');
    expect((await run('set', 'pricing', 'legacy', '--if-match', '*')).status).toBe(0);
  });

  it('lists every mistake that the gateway finds, at its place', async () => {
    const { status, err } = await run('set', 'pricing/quote', 'canary', '--percent', '101', '--sample', '0.075');
    expect(status).toBe(1);
    expect(err).toMatch(/^ {2}\/percent: /m);
    expect(err).toMatch(/^ {2}\/sample: /m);
    expect(err).not.toContain('    at ');
  });

  it('answers an unknown plugin by where to look', async () => {
    const { status, err } = await run('set', 'nobody', 'wasm');
    expect(status).toBe(1);
    expect(err).toBe('banyan: no plugin is called nobody\n`banyan plugins` lists what there is\n');
  });

  it('prints the problem document with --json, too', async () => {
    const { status, out } = await run('set', 'nobody', 'wasm', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ code: 'unknown-plugin', status: 404 });
  });
});

describe('looking', () => {
  it('lists the routes, or one of them', async () => {
    const all = await run('routes');
    expect(all.status).toBe(0);
    expect(all.out).toMatch(/^revision 0$/m);
    expect(all.out).toMatch(/^pricing\/refund +legacy +plugin +as set +0$/m);
    expect((await run('routes', 'vowels/count')).out.trim().split('\n')).toHaveLength(2);
  });

  it('lists the plugins, what is wrong with them, and where', async () => {
    const { out } = await run('plugins');
    expect(out).toMatch(/^crc +1\.0\.0 +ready +native 1\.0\.0 ready +- +crc32$/m);
    expect(out).toMatch(/^broken +\? +disabled/m);
    expect(out).toContain('broken: /p/broken/plugin.yaml:4:3: functions: it is missing');
  });

  it('says of native code how far it is contained, what is missing, and whether it is half open', async () => {
    const legacy = gateway.report.get('pricing/legacy')!;
    const contained = {
      network: 'none',
      files: 'granted',
      processes: 'denied',
      by: ['bubblewrap'],
      missing: [],
    } as const;
    const cell = async (): Promise<string | undefined> =>
      /^pricing .*native 1\.0\.0 (.*?) {2}/m.exec((await run('plugins')).out)?.[1];

    legacy({ type: 'state', state: { state: 'ready', pids: [1], containment: contained } });
    expect(await cell()).toBe('ready, contained');
    expect((await run('status')).out).not.toMatch(/^plugin pricing: /m);

    const partly = { ...contained, files: 'all', missing: ['bwrap is not installed'] } as const;
    legacy({ type: 'state', state: { state: 'ready', pids: [1], containment: partly, halfOpen: true } });
    expect(await cell()).toBe('ready, half open, partly contained');
    expect((await run('plugins')).out).toContain('pricing: legacy: bwrap is not installed');
    const { out } = await run('status');
    expect(out).toContain('plugin pricing: legacy is partly contained: bwrap is not installed');
    expect(out).toContain('plugin pricing: legacy is half open: one call at a time');

    const open = { network: 'all', files: 'all', processes: 'allowed', by: [], missing: [] } as const;
    legacy({ type: 'state', state: { state: 'ready', pids: [1], containment: open } });
    expect(await cell()).toBe('ready, not contained');
  });

  it('says which library runs in the gateway itself, and which share their children', async () => {
    const changed = (name: string, terms: Partial<NativeSpec>): [string, Plugin] => {
      const before = gateway.found.plugins.get(name)!;
      const legacy = { ...before.backends.legacy!, ...terms };
      return [name, { ...before, digest: 'another', backends: { ...before.backends, legacy } }];
    };
    const inProcess = changed('crc', { isolation: 'in-process' });
    const grouped = changed('pricing', { group: 'money' });
    gateway.found = { plugins: new Map([inProcess, grouped]), disabled: new Map() };
    expect((await run('reload')).out).toBe('changed: crc, pricing\nremoved: vowels\n');

    expect((await run('plugins')).out).toMatch(/^crc .*native 1\.0\.0 ready, in process, not contained {2}/m);
    const { plugins } = pluginsView.parse(JSON.parse((await run('plugins', '--json')).out));
    expect(plugins.map((each) => each.backends.legacy)).toMatchObject([
      { isolation: 'in-process' },
      { isolation: 'process', group: 'money' },
    ]);
  });

  it('says in one look whether it serves, and fails while it does not', async () => {
    const degraded = await run('status');
    expect(degraded.status).toBe(0);
    expect(degraded.out).toMatch(/^degraded, revision 0$/m);
    expect(degraded.out).toMatch(/^pricing +ready +native 1\.0\.0 ready +wasm 1\.0\.0 ready +legacy$/m);
    expect(degraded.out).toContain('plugin broken is disabled: /p/broken/plugin.yaml:4:3');
    gateway.readiness = 'draining';
    const draining = await run('status');
    expect([draining.status, draining.out.split(',')[0]]).toEqual([1, 'draining']);
  });

  it('tells a long reason in lines of their own, beside the changes', async () => {
    const words = Array.from({ length: 30 }, (_, at) => `reason${at}`).join(' ');
    await run('set', 'pricing', 'wasm', '--comment', words);
    const lines = (await run('history')).out.trimEnd().split('\n');
    const column = lines[0]!.indexOf('WHY');
    const why = lines.slice(1).map((line) => line.slice(column));
    expect(why.length).toBeGreaterThan(3);
    expect(Math.max(...why.map((line) => line.length))).toBeLessThanOrEqual(72);
    expect(why.join(' ')).toBe(words);
    expect(lines[2]!.slice(0, column).trim()).toBe('');
    await run('set', 'pricing', 'legacy', '--comment', 'because '.repeat(62));
    const longer = (await run('history', '--limit', '1')).out.trimEnd().split('\n');
    expect(longer).toHaveLength(7);
    expect(longer.at(-1)!.trim()).toBe('… (--json has all of it)');
  });

  it('tells the history, newest first', async () => {
    expect((await run('history')).out).toContain('nothing was changed yet');
    await run('set', 'pricing', 'wasm', '--comment', 'because');
    await run('set', 'pricing', 'legacy');
    const lines = (await run('history')).out.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^2 +\S+Z +loopback +pricing: wasm -> legacy$/);
    expect(lines[2]).toMatch(/^1 .*pricing: \(none of its own\) -> wasm +because$/);
    expect((await run('history', '--limit', '1')).out.trimEnd().split('\n')).toHaveLength(2);
  });

  it('prints with --json what the API answered', async () => {
    const json = async (...args: string[]): Promise<unknown> => JSON.parse((await run(...args, '--json')).out);
    expect(routesView.parse(await json('routes')).routes).toHaveLength(7);
    expect(pluginsView.parse(await json('plugins')).plugins).toHaveLength(4);
    expect(readinessView.parse(await json('status')).status).toBe('degraded');
    expect(historyView.parse(await json('history')).revisions).toEqual([]);
  });

  it('writes no colours into a pipe', async () => {
    expect((await run('routes')).out).not.toContain('\u001b');
  });
});

describe('reload', () => {
  it('says what it did, or every mistake with its place', async () => {
    const refused = await run('reload');
    expect(refused.status).toBe(1);
    expect(refused.err).toContain('  /p/broken/plugin.yaml:4:3: functions: it is missing');
    gateway.found = { ...gateway.found, disabled: new Map() };
    const { status, out } = await run('reload');
    expect([status, out]).toEqual([0, 'unchanged: crc, pricing, vowels\n']);
  });
});

describe('a gateway that is not there', () => {
  it('is named, with what to do', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const url = `http://127.0.0.1:${(free.address() as AddressInfo).port}`;
    free.close();
    await once(free, 'close');
    for (const args of [['routes'], ['set', 'pricing', 'wasm'], ['rollback'], ['status']]) {
      const { status, out, err } = await banyan([...args, '--admin', url]);
      expect([status, out]).toEqual([1, '']);
      expect(err).toContain(`${url} cannot be reached: nothing listens there`);
      expect(err).toContain('npm start');
      expect(err).toContain('--admin');
    }
  });

  it('is not mistaken for whatever else answers at its address', async () => {
    const { status, err } = await run('routes', '--admin', gateway.data);
    expect(status).toBe(1);
    const other = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const stranger = await run('routes', '--admin', `http://127.0.0.1:${(other.address() as AddressInfo).port}`);
    other.close();
    expect(stranger.status).toBe(1);
    expect(stranger.err).toContain("not as Banyan's admin listener does");
    expect(err + stranger.err).not.toContain('    at ');
  });
});

describe('a token', () => {
  it('is sent as a bearer, from the option or the environment', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader('content-type', 'application/json').end('{"plugins":[]}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await banyan(['plugins', '--admin', url, '--token', 'one']);
    await banyan(['plugins', '--admin', url], { env: { BANYAN_TOKEN: 'two' } });
    await banyan(['plugins', '--admin', url]);
    server.close();
    expect(seen).toEqual(['Bearer one', 'Bearer two', undefined]);
  });
});

describe('stdout', () => {
  it('may be closed by its reader without a word', async () => {
    const child = start(['routes'], { BANYAN_ADMIN: gateway.admin });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number];
    expect([status, err]).toEqual([0, '']);
  });
});
