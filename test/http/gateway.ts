import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControl } from '#src/control/control.js';
import type { Discovered } from '#src/control/options.js';
import { openFileStore } from '#src/control/stores/file.js';
import { Deadlines } from '#src/dispatch/deadline.js';
import { createDispatcher } from '#src/dispatch/dispatcher.js';
import { Refused } from '#src/domain/backend.js';
import type { Backend, BackendEvent } from '#src/domain/backend.js';
import type { Control } from '#src/domain/control.js';
import { Failed } from '#src/domain/failure.js';
import { redacted } from '#src/comparison/redact.js';
import { openJournal, type Journal } from '#src/evidence/journal/journal.js';
import { openEvidence, type EvidenceBook } from '#src/evidence/book.js';
import type { AdminPorts } from '#src/http/admin/ports.js';
import { createAdmin } from '#src/http/admin/create-admin.js';
import { createDataListener } from '#src/http/data/listener.js';
import { createRollouts } from '#src/rollout/controller.js';
import { createEvents } from '#src/telemetry/events.js';
import type { Events } from '#src/telemetry/events.js';
import { plugin } from '../control/plugins.js';
import { scriptedClock, type ScriptedClock } from '../rollout/scripted-clock.js';
import { scriptedEvidence, type ScriptedEvidence } from '../rollout/scripted-evidence.js';

/** Everything of a gateway but its adapters and its files: real listeners, control, dispatcher and store. */
export interface TestGateway {
  readonly admin: string;
  readonly data: string;
  readonly control: Control;
  /** What rollouts know, and the clock that they go by. */
  readonly rolloutEvidence: ScriptedEvidence;
  readonly clock: ScriptedClock;
  readonly events: Events;
  readonly evidence: EvidenceBook;
  readonly journal: Journal;
  readonly adminServer: Server;
  /** The store's. */
  readonly folder: string;
  /** What the next reload finds. */
  found: Discovered;
  readiness: 'starting' | 'ready' | 'draining';
  /** Plugins of which every backend is refused, or of which wasm is. */
  readonly refused: Set<string>;
  /** What an adapter would tell about a backend, by `plugin/backend`. */
  readonly report: Map<string, (event: BackendEvent) => void>;
  readonly statuses: number[];
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[];
  close(): Promise<void>;
}

export async function startGateway(
  ports: Partial<AdminPorts> = {},
  eventsOptions: Parameters<typeof createEvents>[0] = {},
): Promise<TestGateway> {
  const events = createEvents(eventsOptions);
  const folder = await mkdtemp(join(tmpdir(), 'banyan-admin-'));
  const store = await openFileStore(folder);
  const state = {
    found: discovered(),
    readiness: 'ready' as TestGateway['readiness'],
    refused: new Set<string>(),
    report: new Map<string, (event: BackendEvent) => void>(),
    statuses: [] as number[],
    logged: [] as TestGateway['logged'],
  };
  const evidence = await openEvidence({ folder: join(folder, 'evidence'), now: Date.now, warn: () => undefined });
  const journal = await openJournal({ folder: join(folder, 'mismatches'), redact: redacted });
  const control = createControl({
    store,
    discover: () => Promise.resolve(state.found),
    open: (of, name, _spec, report) => {
      state.report.set(`${of.name}/${name}`, report);
      return state.refused.has(`${of.name}/${name}`)
        ? Promise.reject(new Refused([{ pointer: `/backends/${name}`, message: 'it has no symbol quote' }]))
        : Promise.resolve(echo(name));
    },
    reportFor: () => () => undefined,
    locate: (name, pointer, message) =>
      Promise.resolve({ file: `${name}/plugin.yaml`, line: 3, column: 5, path: pointer.slice(1), message }),
    evidence: { verdicts: () => [], proof: () => ['nothing was compared'] },
    onFlip: () => undefined,
    onApply: () => undefined,
    onEvent(event) {
      events.publish(event);
      rollouts.notice(event);
    },
  });
  const rolloutEvidence = scriptedEvidence();
  const clock = scriptedClock();
  const rollouts = createRollouts({
    control,
    evidence: rolloutEvidence,
    aside: store.aside('rollouts'),
    now: clock.now,
    steady: clock.steady,
    every: clock.every,
    onEvent: events.publish,
    log: { info: () => undefined, error: () => undefined },
  });
  await control.load();
  await rollouts.load();

  const log = (level: string) => (fields: object, message: string) => state.logged.push({ level, fields, message });
  const admin = createAdmin({
    control,
    rollouts,
    events,
    evidence,
    mismatches: journal,
    readiness: () => state.readiness,
    metrics: (accept) =>
      Promise.resolve({ contentType: 'text/plain; version=0.0.4', body: `# for ${accept ?? '-'}\n` }),
    countRequest: (status) => state.statuses.push(status),
    hosts: ['admin.example'],
    log: { info: log('info'), error: log('error') },
    ...ports,
  });
  const data = createDataListener({
    dispatcher: createDispatcher({
      current: () => control.current(),
      deadlines: new Deadlines(),
      observe: () => undefined,
      onDefect: (defect) => {
        throw defect;
      },
    }),
    bodyLimit: 1024,
    allowOverride: false,
    expose: true,
    countRequest: () => undefined,
    draining: () => false,
  });
  return Object.assign(state, {
    control,
    rolloutEvidence,
    clock,
    events,
    evidence,
    journal,
    adminServer: admin,
    folder,
    admin: await listening(admin),
    data: await listening(data),
    async close() {
      for (const server of [admin, data]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
      await rollouts.close();
      await control.close();
      await evidence.close();
      await journal.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  });
}

function discovered(): Discovered {
  const plugins = [
    plugin('crc', { functions: { crc32: 'pure' }, wasm: null }),
    plugin('pricing', { functions: { quote: 'pure', refund: 'unsafe' } }),
    plugin('vowels', { functions: { count: 'pure' } }),
  ];
  const problem = { file: '/p/broken/plugin.yaml', line: 4, column: 3, path: 'functions', message: 'it is missing' };
  return {
    plugins: new Map(plugins.map((each) => [each.name, each])),
    disabled: new Map([['broken', { name: 'broken', problems: [problem] }]]),
  };
}

/** Answers its input behind its name; the input `fail` is an error. */
function echo(name: string): Backend {
  return {
    window: { size: 8 },
    call: ({ input }) =>
      Buffer.from(input).toString() === 'fail'
        ? Promise.reject(new Failed({ code: 'plugin-error', detail: 'it says \u001b[31mno' }, null))
        : Promise.resolve({ output: Buffer.concat([Buffer.from(`${name}:`), input]) }),
    close: () => Promise.resolve(),
  };
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A string is sent as it is, anything else as JSON with its media type. */
  readonly body?: unknown;
}

export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** One request on a connection of its own. Unlike `fetch`, it sends any header and any target. */
export async function send(base: string, target: string, sent: Sent = {}): Promise<Received> {
  const { hostname, port } = new URL(base);
  const isJson = sent.body !== undefined && typeof sent.body !== 'string';
  const outgoing = httpRequest({
    hostname,
    port,
    path: target,
    method: sent.method ?? 'GET',
    headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...sent.headers },
    agent: false,
  });
  // As bytes: behind a string Node would send the headers as UTF-8, too.
  outgoing.end(Buffer.from(isJson ? JSON.stringify(sent.body) : (sent.body ?? '')));
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const isDocument = incoming.headers['content-type']?.includes('json') === true && text !== '';
  return {
    status: incoming.statusCode!,
    headers: incoming.headers,
    text,
    json: isDocument ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}
