import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '#src/domain/backend.js';
import { hostGrant } from '#src/schema/host-grant.js';
import { Kernel } from '#adapters/wasm/lane/kernel.js';
import { startInstance } from '#adapters/wasm/lane/plugin-instance.js';
import { answerHostCalls } from '#adapters/wasm/parent/host-calls.js';
import type { Lanes } from '#adapters/wasm/parent/lanes.js';
import { answer, assemble, block, get, host, i32, i64, set } from './assemble.js';
import { serverOf } from './egress/harness.js';
import { callOf, Events, failureOf, lanesOf, specOf, textOf } from './harness.js';

const done = i32(0);
const asInput = [...host('input_offset'), ...set(1)];

/** Its functions ask for what their input says, in JSON. */
const module = assemble({
  functions: {
    // Answers with the body.
    body: [...asInput, ...get(1), ...i64(0n), ...host('http_request'), ...set(0), ...answer(0), ...done],
    // Sends "sent" along, and answers with the body.
    send: [
      ...asInput,
      ...block('sent', 0),
      ...get(1),
      ...get(0),
      ...host('http_request'),
      ...set(0),
      ...answer(0),
      ...done,
    ],
    // Answers with the headers.
    headers: [
      ...asInput,
      ...get(1),
      ...i64(0n),
      ...host('http_request'),
      0x1a,
      ...host('http_headers'),
      ...set(0),
      ...answer(0),
      ...done,
    ],
    // Returns the status as its own.
    status: [...asInput, ...get(1), ...i64(0n), ...host('http_request'), 0x1a, ...host('http_status_code')],
    // Asks for nothing, and returns the status.
    before: [...host('http_status_code')],
    echo: [...asInput, ...get(1), ...set(0), ...answer(0), ...done],
  },
});
const names = ['body', 'send', 'headers', 'status', 'before', 'echo'];

const lanesWithNetwork = (lanes: number): Lanes =>
  lanesOf({
    lanes,
    answer: answerHostCalls(() => {
      throw new Error('nobody calls plugins here');
    }),
  });

function open(
  hosts: readonly string[],
  { lanes = 1, memory = 64 * 1024 * 1024, events = new Events() } = {},
): Promise<Backend> {
  const spec = specOf(module, names, { memory, hosts: hosts.map((written) => hostGrant.parse(written)) });
  return lanesWithNetwork(lanes).open(spec, events.report);
}

describe('A module', () => {
  it('gets body, status and headers of an answer', async () => {
    const { port } = await serverOf((request, response) => {
      response.writeHead(404, { 'X-Twice': ['a', 'b'], 'content-type': 'text/plain' });
      request.pipe(response);
    });
    const events = new Events();
    const backend = await open([`127.0.0.1:${port}`], { events });
    const request = JSON.stringify({ url: `http://127.0.0.1:${port}/`, method: 'POST' });
    expect(await textOf(backend, callOf('send', request))).toBe('sent');
    expect(await textOf(backend, callOf('body', request))).toBe('');
    expect(await failureOf(backend, callOf('status', request))).toMatchObject({ code: 'plugin-error', status: 404 });
    expect(JSON.parse(await textOf(backend, callOf('headers', request)))).toMatchObject({
      'x-twice': 'a, b',
      'content-type': 'text/plain',
    });
    expect(events.all.filter(({ type }) => type === 'egress')).toEqual(
      Array(4).fill({ type: 'egress', outcome: 'answered', durationMs: expect.any(Number) as number }),
    );
  });

  it('sees nothing of the answer to an earlier call', () => {
    // Not through lanes: which of them runs the next call is nobody's to say.
    const kernel = new Kernel(new WebAssembly.Module(readFileSync('build/kernel/kernel.wasm')), 1024 * 1024);
    const instance = startInstance(
      {
        id: 1,
        plugin: 'tested',
        module: { file: 'module.wasm', module: new WebAssembly.Module(module), linked: [], wasi: false },
        linked: new Map(),
        startsWithCode: false,
        instance: 'reuse',
        functions: ['status', 'body', 'before'],
        config: new Map(),
        grants: [],
        memory: 1024 * 1024,
        outputLimit: 1024,
      },
      kernel,
      { log: () => undefined, ask: () => ({ kind: 'http', status: 404, headers: [], body: new Uint8Array(0) }) },
    );
    const request = Buffer.from('{"url":"http://a/"}');
    expect(instance.run(0, request, request.length)).toMatchObject({ kind: 'error', status: 404 });
    kernel.end();
    expect(instance.run(1, request, request.length)).toMatchObject({ kind: 'answered' });
    kernel.end();
    expect(instance.run(2, request, 0)).toMatchObject({ kind: 'answered' });
  });

  it('gets a body of megabytes, and traps over one that its memory cannot hold', async () => {
    const large = Buffer.alloc(5_000_000, 'abc');
    const { port } = await serverOf((_, response) => response.end(large));
    const request = JSON.stringify({ url: `http://127.0.0.1:${port}/` });
    const { output } = await (await open([`127.0.0.1:${port}`])).call(callOf('body', request));
    expect(Buffer.compare(output, large)).toBe(0);
    const small = await open([`127.0.0.1:${port}`], { memory: 1024 * 1024 });
    expect(await failureOf(small, callOf('body', request))).toEqual({
      code: 'trapped',
      detail: 'http_request: the body of its answer is over the limit of 1048576 bytes',
    });
  });

  it('traps when it asks for what it is not granted, and its next call begins anew', async () => {
    const { port, connections } = await serverOf((_, response) => response.end('hello'));
    const request = JSON.stringify({ url: `http://127.0.0.1:${port}/` });
    const events = new Events();
    const none = await open([], { events });
    expect(await failureOf(none, callOf('body', request))).toEqual({
      code: 'trapped',
      detail: 'http_request: no host is allowed',
    });
    expect(await textOf(none, callOf('echo', 'fine'))).toBe('fine');
    expect(events.all).toContainEqual(expect.objectContaining({ type: 'egress', outcome: 'denied' }));
    const other = await open(['api.example.com']);
    expect(await failureOf(other, callOf('body', request))).toEqual({
      code: 'trapped',
      detail: `http_request: it asks for http://127.0.0.1:${port}, which \`hosts\` does not allow`,
    });
    expect(connections()).toBe(0);
  });

  it('that waits for a server holds up no others, and times out at its deadline', async () => {
    let asked = 0;
    let isAsked: () => void;
    const twice = new Promise<void>((resolve) => (isAsked = resolve));
    const { port } = await serverOf(() => {
      if (++asked === 2) isAsked();
    });
    const backend = await open([`127.0.0.1:${port}`], { lanes: 2 });
    const calls = [1, 2].map(() => callOf('body', JSON.stringify({ url: `http://127.0.0.1:${port}/` })));
    const failures = calls.map((call) => failureOf(backend, call));
    await twice;
    expect(await textOf(backend, callOf('echo', 'meanwhile'))).toBe('meanwhile');
    for (const call of calls) call.stop('timeout');
    for (const failure of failures) expect(await failure).toMatchObject({ code: 'timeout' });
    expect(await textOf(backend, callOf('echo', 'afterwards'))).toBe('afterwards');
  });

  it('that is closed lets go of its connections', async () => {
    const { port, sockets } = await serverOf((_, response) => response.end('hello'));
    const backend = await open([`127.0.0.1:${port}`]);
    expect(await textOf(backend, callOf('body', JSON.stringify({ url: `http://127.0.0.1:${port}/` })))).toBe('hello');
    const ended = [...sockets].map((socket) => new Promise((resolve) => socket.on('close', resolve)));
    expect(ended).toHaveLength(1);
    await backend.close();
    await Promise.all(ended);
  });
});
