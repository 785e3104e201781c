import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { eventView } from '#src/schema/event.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { send, startGateway } from '../http/gateway.js';
import type { TestGateway } from '../http/gateway.js';
import { banyan, start } from './banyan.js';

let gateway: TestGateway;
let running: Following[];
beforeEach(async () => {
  running = [];
  gateway = await startGateway();
});
afterEach(async () => {
  for (const each of running) each.child.kill('SIGKILL');
  await gateway.close();
});

interface Following {
  readonly child: ReturnType<typeof start>;
  /** The next line of stdout. */
  line(): Promise<string>;
  /** Resolves to the next line of stderr. */
  complaint(): Promise<string>;
}

function follow(admin: string, ...args: string[]): Following {
  const child = start(['events', ...args], { BANYAN_ADMIN: admin });
  const [out, err] = [child.stdout, child.stderr].map((stream) =>
    createInterface({ input: stream })[Symbol.asyncIterator](),
  );
  const following = {
    child,
    line: async () => String((await out!.next()).value),
    complaint: async () => String((await err!.next()).value),
  };
  running.push(following);
  return following;
}

/** Starts to follow the gateway, and waits until it does. */
async function followGateway(...args: string[]): Promise<Following> {
  const requested = once(gateway.adminServer, 'request');
  const following = follow(gateway.admin, ...args);
  await requested;
  return following;
}

const set = (target: string, stage: object, comment = ''): Promise<unknown> =>
  send(gateway.admin, `/api/v1/routes/${target}`, {
    method: 'PUT',
    headers: { 'if-match': '*', 'x-banyan-comment': comment },
    body: stage,
  });

describe('events', () => {
  it('prints a line for each event, and ends well by Ctrl-C', async () => {
    const events = await followGateway();
    await set('pricing/quote', { stage: 'canary', percent: 5 }, 'first tenants');
    expect(await events.line()).toMatch(
      /^\S+Z {2}route {4}revision 1 by loopback \(first tenants\): pricing\/quote: \(none of its own\) -> canary 5 %$/,
    );
    const legacy = gateway.report.get('pricing/legacy')!;
    legacy({ type: 'state', state: { state: 'tripped', since: 0, until: 10_000, cause: 'SIGSEGV' } });
    expect(await events.line()).toMatch(
      / {2}backend {2}pricing\/legacy is native 1\.0\.0 tripped until 1970-01-01T00:00:10\.000Z: SIGSEGV$/,
    );
    legacy({ type: 'state', state: { state: 'ready', pids: [1], halfOpen: true } });
    expect(await events.line()).toMatch(/pricing\/legacy is native 1\.0\.0 ready, half open$/);
    const plugins = new Map(gateway.found.plugins);
    plugins.delete('vowels');
    gateway.found = { plugins, disabled: new Map() };
    await send(gateway.admin, '/api/v1/reload', { method: 'POST' });
    expect(await events.line()).toMatch(/ {2}plugin {3}reload by loopback: removed vowels$/);

    events.child.kill('SIGINT');
    expect(await once(events.child, 'close')).toEqual([0, null]);
  });

  it('prints with --json what the gateway sent, an event a line', async () => {
    const events = await followGateway('--json');
    await set('pricing', { stage: 'wasm' });
    expect(eventView.parse(JSON.parse(await events.line()))).toMatchObject({ type: 'route', revision: 1 });
  });

  it('cannot begin without a gateway', async () => {
    const { status, out, err } = await banyan(['events', '--admin', 'http://127.0.0.1:1']);
    expect([status, out]).toEqual([1, '']);
    expect(err).toContain('cannot be reached');
  });

  it('is no follower of whatever else answers there', async () => {
    const { status, err } = await banyan(['events', '--admin', gateway.data]);
    expect(status).toBe(1);
    expect(err).not.toContain('    at ');
  });

  it('says that there are too many of its kind', async () => {
    await gateway.close();
    gateway = await startGateway({}, { followers: 0 });
    const { status, err } = await banyan(['events', '--admin', gateway.admin]);
    expect(status).toBe(1);
    expect(err).toContain('as many streams of events are open as there may be');
  });
});

describe('a stream that breaks', () => {
  const plugin = (id: number): string =>
    `id: ${id}\nevent: plugin\ndata: ${JSON.stringify({ id, at: 'now', type: 'plugin', by: 'x', comment: null, added: [`p${id}`], changed: [], removed: [] })}\n\n`;

  it('goes on behind the last event that came whole, and says what was missed', async () => {
    const asked: (string | undefined)[] = [];
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.end(`: hello\nretry: 1\nid: 6\n\n${plugin(7)}id: 8\nevent: plugin\n`),
      (response) => response.writeHead(503, { 'content-type': 'text/plain' }).end('not yet'),
      (response) =>
        response.write(`event: reset\ndata: {"type":"reset"}\n\n${plugin(9)}event: novelty\ndata: {"n":1}\n\n`),
    ];
    const server = createServer((request, response) => {
      asked.push(request.headers['last-event-id'] as string | undefined);
      response.setHeader('content-type', 'text/event-stream');
      answers[asked.length - 1]?.(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const events = follow(url);
    expect(await events.line()).toBe('now  plugin   reload by x: added p7');
    expect(await events.line()).toBe('now  plugin   reload by x: added p9');
    expect(await events.line()).toBe('novelty {"n":1}');
    expect(asked).toEqual([undefined, '7', '7']);
    expect(await events.complaint()).toBe(`${url} is gone; waiting for it`);
    expect(await events.complaint()).toBe(`${url} is back`);
    expect(await events.complaint()).toContain('some events were missed');
    server.closeAllConnections();
    server.close();
  });
});
