import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { HostAnswer, HostRequest } from '#adapters/wasm/host-call.js';
import { guestHttp } from '#adapters/wasm/lane/http.js';
import { Kernel } from '#adapters/wasm/lane/kernel.js';

class Ended extends Error {}

/** The functions of one instance on a real kernel, and what they ask of the gateway. */
function guest(answer: Partial<Extract<HostAnswer, { kind: 'http' }>> | HostAnswer = {}) {
  const kernel = new Kernel(new WebAssembly.Module(readFileSync('build/kernel/kernel.wasm')), 1024 * 1024);
  kernel.begin(new Uint8Array(0), 0, 1024 * 1024);
  const asked: HostRequest[] = [];
  const end = (why: string): never => {
    throw new Ended(why);
  };
  const http = guestHttp({
    ask: (request) => {
      asked.push(request);
      return 'kind' in answer && answer.kind !== 'http'
        ? (answer as HostAnswer)
        : { kind: 'http', status: 200, headers: [], body: new Uint8Array(0), ...answer };
    },
    read: (handle) => kernel.read(handle) ?? end('no block'),
    write: (bytes) => kernel.write(bytes),
    consume: (handle) => kernel.consume(handle),
    end,
  });
  const give = (text: string): bigint => kernel.write(Buffer.from(text));
  const text = (handle: bigint): string => Buffer.from(kernel.read(handle) ?? []).toString();
  return {
    http,
    asked,
    give,
    text,
    request: (request: unknown, body?: string) =>
      http.request(
        give(typeof request === 'string' ? request : JSON.stringify(request)),
        body === undefined ? 0n : give(body),
      ),
    headers: () => JSON.parse(text(http.headers())) as unknown,
  };
}

describe('A request in JSON', () => {
  it.each([
    [{ url: 'http://a/' }, { url: 'http://a/', method: 'GET', headers: [] }],
    [
      { url: 'http://a/', method: null, headers: null },
      { url: 'http://a/', method: 'GET', headers: [] },
    ],
    [
      { url: 'http://a/', method: 'PATCH', headers: { A: 'b', c: '' }, other: 1 },
      {
        url: 'http://a/',
        method: 'PATCH',
        headers: [
          ['A', 'b'],
          ['c', ''],
        ],
      },
    ],
    [
      { url: 'http://a/', header: { A: 'b' } },
      { url: 'http://a/', method: 'GET', headers: [['A', 'b']] },
    ],
    [
      '{"url":"http://a/","headers":{"__proto__":"x"}}',
      { url: 'http://a/', method: 'GET', headers: [['__proto__', 'x']] },
    ],
  ])('%j is asked of the gateway', (written, request) => {
    const { request: make, asked } = guest();
    make(written);
    expect(asked).toEqual([{ kind: 'http', request: { ...request, body: null } }]);
  });

  it('takes its body along', () => {
    const { request, asked } = guest();
    request({ url: 'http://a/', method: 'POST' }, 'the body');
    expect(asked).toMatchObject([{ request: { body: new Uint8Array(Buffer.from('the body')) } }]);
  });

  it("is the host's from then on, and so is its body", () => {
    const { http, give, text } = guest({ body: Buffer.from('answer') });
    const request = give('{"url":"http://a/"}');
    const body = give('the body');
    expect(text(http.request(request, body))).toBe('answer');
    expect([text(request), text(body)]).toEqual(['', '']);
  });

  it.each([
    '',
    'no JSON',
    'null',
    '[]',
    '"http://a/"',
    '{}',
    '{"url":1}',
    '{"url":"http://a/","method":1}',
    '{"url":"http://a/","headers":[["a","b"]]}',
    '{"url":"http://a/","headers":"ab"}',
    '{"url":"http://a/","headers":{"a":1}}',
    '{"url":"http://a/","headers":{"a":["b"]}}',
  ])('is not %j', (written) => {
    const { request, asked } = guest();
    expect(() => request(written)).toThrow(written === '' ? 'no block' : 'http_request: expected JSON such as');
    expect(asked).toEqual([]);
  });

  it('is not longer than 64 KiB', () => {
    expect(() => guest().request({ url: 'x'.repeat(65_536) })).toThrow('its request is over 65536 bytes of JSON');
  });
});

describe('An answer', () => {
  it('has a body, a status and headers', () => {
    const { request, text, http, headers } = guest({
      status: 404,
      headers: [
        ['content-type', 'text/plain'],
        ['x-twice', 'a'],
        ['x-twice', 'b'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['__proto__', 'x'],
      ],
      body: Buffer.from('not found'),
    });
    expect(text(request({ url: 'http://a/' }))).toBe('not found');
    expect(http.statusCode()).toBe(404);
    expect(headers()).toEqual(
      JSON.parse('{"content-type":"text/plain","x-twice":"a, b","set-cookie":"b=2","__proto__":"x"}'),
    );
  });

  it('is forgotten before the next request, and after the call', () => {
    const { request, http, headers } = guest({ status: 201, headers: [['a', 'b']] });
    expect(http.statusCode()).toBe(0);
    expect(headers()).toEqual({});
    request({ url: 'http://a/' });
    http.forget();
    expect(http.statusCode()).toBe(0);
    expect(headers()).toEqual({});
    request({ url: 'http://a/' });
    expect(() => request('no JSON')).toThrow(Ended);
    expect(http.statusCode()).toBe(0);
  });

  it('that was refused ends the call in its words', () => {
    expect(() => guest({ kind: 'refused', why: 'no host is allowed' }).request({ url: 'http://a/' })).toThrow(
      'http_request: no host is allowed',
    );
    expect(() => guest({ kind: 'given-up' }).request({ url: 'http://a/' })).toThrow('nobody waits for it any more');
  });
});
