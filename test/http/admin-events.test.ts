import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { stopListening } from '#src/http/stop-listening.js';
import { eventView } from '#src/schema/event.js';
import { createEvents } from '#src/telemetry/events.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { send, startGateway } from './gateway.js';
import type { TestGateway } from './gateway.js';

const PATH = '/api/v1/events';

let gateway: TestGateway;
/** What the feed's clock does when it strikes; null: it is not running. */
let beat: (() => void) | null = null;

async function start(options: Parameters<typeof createEvents>[0] = {}): Promise<void> {
  gateway = await startGateway(
    {},
    {
      now: () => Date.parse('2026-11-22T10:00:00Z'),
      every: (_ms, strike) => {
        beat = strike;
        return () => (beat = null);
      },
      ...options,
    },
  );
}

beforeEach(() => start());
afterEach(() => gateway.close());

interface Block {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly retry?: string;
  readonly comment?: string;
}

/** A stream that is read one block after the other. */
class Reader {
  readonly incoming: IncomingMessage;
  readonly #blocks: AsyncGenerator<Block, undefined>;

  constructor(incoming: IncomingMessage) {
    this.incoming = incoming;
    this.#blocks = blocksOf(incoming);
  }

  /** The next block; null when the stream has ended. */
  async next(): Promise<Block | null> {
    return (await this.#blocks.next()).value ?? null;
  }

  async event(): Promise<Record<string, unknown>> {
    const block = await this.next();
    return JSON.parse(block?.data ?? 'null') as Record<string, unknown>;
  }
}

async function* blocksOf(incoming: IncomingMessage): AsyncGenerator<Block, undefined> {
  let text = '';
  for await (const chunk of incoming) {
    text += (chunk as Buffer).toString();
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const lines = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      yield Object.fromEntries(
        lines.map((line) => {
          const at = line.indexOf(': ');
          return [at === 0 ? 'comment' : line.slice(0, at), line.slice(at + 2)];
        }),
      );
    }
  }
}

async function open(headers: Readonly<Record<string, string>> = {}): Promise<Reader> {
  const outgoing = httpRequest(`${gateway.admin}${PATH}`, { headers, agent: false });
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return new Reader(incoming);
}

const set = (plugin: string, stage: object, comment = ''): Promise<unknown> =>
  send(gateway.admin, `/api/v1/routes/${plugin}`, {
    method: 'PUT',
    headers: { 'if-match': '*', 'x-banyan-comment': comment },
    body: stage,
  });

describe('a stream of events', () => {
  it('tells of a flip: who, why, and what changed', async () => {
    const reader = await open();
    expect(reader.incoming.statusCode).toBe(200);
    expect(reader.incoming.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    const opening = await reader.next();
    expect(opening).toEqual({ retry: '1000', id: String(gateway.events.newest()) });

    await set('pricing', { stage: 'wasm' }, 'first tenants');
    const block = await reader.next();
    expect([block?.event, Number(block?.id)]).toEqual(['route', Number(opening?.id) + 1]);
    expect(eventView.parse(JSON.parse(block?.data ?? ''))).toEqual({
      id: Number(block?.id),
      at: '2026-11-22T10:00:00.000Z',
      type: 'route',
      revision: 1,
      by: 'loopback',
      comment: 'first tenants',
      changes: [{ plugin: 'pricing', function: null, from: null, to: { stage: 'wasm', sample: 0, fallback: false } }],
      omitted: 0,
    });
    reader.incoming.destroy();
  });

  it('tells of a backend what the inventory says of it', async () => {
    const reader = await open();
    await reader.next();
    const containment = {
      network: 'none',
      files: 'granted',
      processes: 'denied',
      by: ['bubblewrap', 'seccomp'],
      missing: [],
    } as const;
    gateway.report.get('pricing/legacy')!({
      type: 'state',
      state: { state: 'ready', pids: [4711], containment, halfOpen: true },
    });
    const event = await reader.event();
    expect(event).toMatchObject({
      type: 'backend',
      plugin: 'pricing',
      backend: 'legacy',
      pids: [4711],
      halfOpen: true,
    });
    const { plugins } = (await send(gateway.admin, '/api/v1/plugins')).json as {
      plugins: { name: string; backends: { legacy: object } }[];
    };
    const { legacy } = plugins.find((each) => each.name === 'pricing')!.backends;
    expect(event).toMatchObject(legacy);
    expect(legacy).toMatchObject({ kind: 'native', isolation: 'process', containment, halfOpen: true });

    gateway.report.get('pricing/legacy')!({
      type: 'state',
      state: { state: 'tripped', since: 0, until: 10_000, cause: 'SIGSEGV' },
    });
    expect(eventView.parse(await reader.event())).toMatchObject({
      state: 'tripped',
      until: '1970-01-01T00:00:10.000Z',
      cause: 'SIGSEGV',
    });
    reader.incoming.destroy();
  });

  it('tells of a reload which plugins it changed', async () => {
    const reader = await open();
    await reader.next();
    const plugins = new Map(gateway.found.plugins);
    plugins.delete('vowels');
    gateway.found = { plugins, disabled: new Map() };
    await send(gateway.admin, '/api/v1/reload', { method: 'POST', headers: { 'x-banyan-comment': 'no vowels' } });
    expect(eventView.parse(await reader.event())).toMatchObject({
      type: 'plugin',
      by: 'loopback',
      comment: 'no vowels',
      added: [],
      changed: [],
      removed: ['vowels'],
    });
    reader.incoming.destroy();
  });

  it('goes on behind the event that its reader had last', async () => {
    const first = await open();
    const opening = await first.next();
    first.incoming.destroy();
    await set('pricing', { stage: 'wasm' });
    await set('vowels', { stage: 'wasm' });
    const again = await open({ 'last-event-id': String(opening?.id) });
    expect(await again.next()).toEqual(opening);
    expect(await again.event()).toMatchObject({ revision: 1 });
    expect(await again.event()).toMatchObject({ revision: 2 });
    again.incoming.destroy();
  });

  it('begins with a reset, and all that is kept, for a reader that has missed some', async () => {
    await gateway.close();
    await start({ keep: 2 });
    const before = gateway.events.newest();
    for (const stage of ['wasm', 'legacy', 'wasm']) await set('pricing', { stage });
    for (const had of [before, 7, 'nonsense', gateway.events.newest() + 1]) {
      const reader = await open({ 'last-event-id': String(had) });
      await reader.next();
      expect(await reader.next()).toEqual({ event: 'reset', data: '{"type":"reset"}' });
      expect(await reader.event()).toMatchObject({ revision: 2 });
      expect(await reader.event()).toMatchObject({ revision: 3 });
      reader.incoming.destroy();
    }
    const whole = await open({ 'last-event-id': String(before + 1) });
    await whole.next();
    expect(await whole.event()).toMatchObject({ revision: 2 });
    whole.incoming.destroy();
  });

  it('has numbers that no earlier process gave out', () => {
    const at = (time: number) => createEvents({ now: () => time });
    const earlier = at(1_000);
    for (let count = 0; count < 500; count++) {
      earlier.publish({ type: 'plugin', by: 'x', comment: null, added: [], changed: [], removed: [] });
    }
    expect(at(1_001).oldest()).toBeGreaterThan(earlier.newest());
  });

  it('says something when there is nothing to say, and only while somebody listens', async () => {
    expect(beat).toBeNull();
    const reader = await open();
    await reader.next();
    beat?.();
    expect(await reader.next()).toEqual({ comment: 'beat' });
    reader.incoming.destroy();
    await expect.poll(() => beat).toBeNull();
  });

  it('is refused when there are as many as there may be, and had when one has gone', async () => {
    await gateway.close();
    await start({ followers: 2 });
    const readers = [await open(), await open()];
    const refused = await send(gateway.admin, PATH);
    expect(refused).toMatchObject({ status: 503, json: { code: 'overloaded' } });
    expect(refused.headers['retry-after']).toBe('5');
    readers[0]?.incoming.destroy();
    await expect
      .poll(async () => {
        const reader = await open();
        reader.incoming.destroy();
        return reader.incoming.statusCode;
      })
      .toBe(200);
    readers[1]?.incoming.destroy();
  });

  it('is refused to other hosts and origins, and with a query', async () => {
    expect((await send(gateway.admin, PATH, { headers: { host: 'evil.example' } })).status).toBe(421);
    expect((await send(gateway.admin, PATH, { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    expect(await send(gateway.admin, `${PATH}?since=1`)).toMatchObject({ status: 400, json: { code: 'bad-request' } });
    const { status, headers } = await send(gateway.admin, PATH, { method: 'POST' });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(beat).toBeNull();
  });

  it('has a head without a body', async () => {
    const { status, headers, text } = await send(gateway.admin, PATH, { method: 'HEAD' });
    expect([status, headers['content-type'], text]).toEqual([200, 'text/event-stream; charset=utf-8', '']);
    expect(beat).toBeNull();
  });

  it('is counted as a response when it is over', async () => {
    const reader = await open();
    expect(gateway.statuses).toEqual([]);
    reader.incoming.destroy();
    await expect.poll(() => gateway.statuses).toEqual([200]);
  });

  it('ends whole when the gateway stops, and holds nothing up', async () => {
    const reader = await open();
    await reader.next();
    gateway.events.close();
    expect(await reader.next()).toBeNull();
    expect(reader.incoming.complete).toBe(true);
    const late = await open();
    await late.next();
    expect(await late.next()).toBeNull();
    expect(await stopListening(gateway.adminServer, 60_000)).toBe('ended');
    // What closes the gateway after each test closes a server that listens.
    gateway.adminServer.listen(0);
  });
});

describe('a reader that does not read', () => {
  /** Asks for the stream and takes only its beginning. */
  async function stalled(): Promise<Socket> {
    const socket = connect(Number(new URL(gateway.admin).port), '127.0.0.1');
    socket.write(`GET ${PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(socket, 'readable');
    socket.on('error', () => undefined);
    return socket;
  }

  const big = 'x'.repeat(4_096);
  const publish = (): void =>
    gateway.events.publish({ type: 'plugin', by: big, comment: null, added: [], changed: [], removed: [] });

  it('is dropped when it falls behind what is kept, while others get everything', async () => {
    const slow = await stalled();
    const reader = await open();
    await reader.next();
    let told = 0;
    while (gateway.statuses.length === 0 && told < 20_000) {
      publish();
      told += 1;
      expect(await reader.event()).toMatchObject({ by: big });
    }
    expect(gateway.statuses).toEqual([200]);
    slow.destroy();
    reader.incoming.destroy();
  });

  it('gets what it missed once it reads on', async () => {
    await gateway.close();
    await start({ keep: 1_000_000 });
    const reader = await open();
    await reader.next();
    const before = gateway.events.newest();
    // Nothing is read meanwhile: far more than the kernel's buffers take waits in the feed.
    for (let told = 0; told < 5_000; told++) publish();
    beat?.();
    for (let told = 1; told <= 5_000; told++) expect((await reader.event())['id']).toBe(before + told);
    beat?.();
    expect(await reader.next()).toEqual({ comment: 'beat' });
    reader.incoming.destroy();
  });

  it('is dropped when it takes nothing from one beat to the next', async () => {
    await gateway.close();
    await start({ keep: 1_000_000 });
    const slow = await stalled();
    // 200 MB: the kernel's buffers take some megabytes on loopback.
    for (let told = 0; told < 50_000; told++) publish();
    beat?.();
    expect(gateway.statuses).toEqual([]);
    beat?.();
    await expect.poll(() => gateway.statuses).toEqual([200]);
    slow.destroy();
  });
});
