import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { echo, egressOf, serverOf, textOf } from './harness.js';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const seenBy = async (answer: ReturnType<ReturnType<typeof egressOf>['ask']>): Promise<Seen> =>
  JSON.parse(textOf(await answer)) as Seen;

const telling = () => serverOf((request, response) => void echo(request).then((text) => response.end(text)));

describe('A request', () => {
  it('arrives as the guest wrote it', async () => {
    const { port } = await telling();
    const { ask } = egressOf([`127.0.0.1:${port}`]);
    const headers = [
      ['Content-Type', 'application/json'],
      ['X-Twice', 'a'],
      ['x-twice', 'b'],
      ['__proto__', 'a name like any other'],
    ] as const;
    const body = Buffer.from('{"a":1}');
    expect(await seenBy(ask(`http://127.0.0.1:${port}/a%20b?q=ü#no`, { method: 'post', headers, body }))).toMatchObject(
      {
        method: 'POST',
        url: '/a%20b?q=%C3%BC',
        body: '{"a":1}',
        headers: {
          host: `127.0.0.1:${port}`,
          'content-type': 'application/json',
          'content-length': '7',
          'x-twice': 'a, b',
          'user-agent': 'banyan',
          accept: '*/*',
          'accept-encoding': 'identity',
        },
      },
    );
  });

  it("has no headers of the connection's or the gateway's from the guest", async () => {
    const { port } = await telling();
    const { ask } = egressOf([`127.0.0.1:${port}`]);
    const names =
      'Host Connection Keep-Alive Proxy Proxy-Authorization Proxy-Connection TE Trailer Transfer-Encoding Upgrade ' +
      'HTTP2-Settings Expect Content-Length Accept-Encoding';
    const headers = names.split(' ').map((name) => [name, 'guest'] as const);
    const seen = await seenBy(ask(`http://127.0.0.1:${port}/`, { method: 'PUT', headers, body: Buffer.from('12') }));
    expect(Object.values(seen.headers)).not.toContain('guest');
    expect(seen).toMatchObject({ body: '12', headers: { 'content-length': '2', host: `127.0.0.1:${port}` } });
  });

  it('may say what it is and what it accepts', async () => {
    const { port } = await telling();
    const headers = [
      ['User-Agent', 'mine'],
      ['Accept', 'text/plain'],
    ] as const;
    expect(await seenBy(egressOf([`127.0.0.1:${port}`]).ask(`http://127.0.0.1:${port}/`, { headers }))).toMatchObject({
      headers: { 'user-agent': 'mine', accept: 'text/plain' },
    });
  });

  it.each(['GET', 'HEAD'])('of method %s has no body', async (method) => {
    const seen: string[] = [];
    const { port } = await serverOf((request, response) => {
      void echo(request).then((text) => {
        seen.push(text);
        response.end();
      });
    });
    await egressOf([`127.0.0.1:${port}`]).ask(`http://127.0.0.1:${port}/`, { method, body: Buffer.from('body') });
    expect(JSON.parse(seen[0]!)).toMatchObject({ method, body: '' });
  });

  it.each([
    [
      'a line break in a value',
      [['x', 'a\r\ny: b']],
      'one of its headers has a name or value that HTTP does not allow',
    ],
    ['a blank in a name', [['x y', 'a']], 'one of its headers has a name or value that HTTP does not allow'],
    ['no name', [['', 'a']], 'one of its headers has a name or value that HTTP does not allow'],
    ['a value beyond latin 1', [['x', '€']], 'one of its headers has a name or value that HTTP does not allow'],
    ['101 headers', Array.from({ length: 101 }, (_, at) => [`x${at}`, '']), 'it has over 100 headers'],
    ['long headers', [['x', 'y'.repeat(17_000)]], 'its headers are over 16384 characters'],
  ])('with %s is not made', async (_, headers, why) => {
    const { port, connections } = await telling();
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`]);
    const written = headers as [string, string][];
    expect(await ask(`http://127.0.0.1:${port}/`, { headers: written })).toEqual({ kind: 'refused', why });
    expect(outcomes).toEqual(['invalid']);
    expect(connections()).toBe(0);
  });
});

describe('An answer', () => {
  it.each([200, 201, 204, 400, 404, 418, 500, 503])('of status %d is an answer', async (status) => {
    const { port } = await serverOf((_, response) => response.writeHead(status).end('so it is'));
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`]);
    const answer = await ask(`http://127.0.0.1:${port}/`);
    expect(answer).toMatchObject({ kind: 'http', status });
    expect(textOf(answer)).toBe(status === 204 ? '' : 'so it is');
    expect(outcomes).toEqual(['answered']);
  });

  it('keeps every header, also those that come twice', async () => {
    const { port } = await serverOf((_, response) => {
      response.setHeader('X-Upper', 'Value');
      response.setHeader('Set-Cookie', ['a=1', 'b=2']);
      response.end();
    });
    const answer = await egressOf([`127.0.0.1:${port}`]).ask(`http://127.0.0.1:${port}/`);
    if (answer.kind !== 'http') throw new Error(answer.kind);
    expect(answer.headers).toEqual(
      expect.arrayContaining([
        ['x-upper', 'Value'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ]),
    );
  });

  it('that is compressed all the same is passed on as it is', async () => {
    const bytes = gzipSync('x'.repeat(50_000));
    const { port } = await serverOf((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bytes),
    );
    const answer = await egressOf([`127.0.0.1:${port}`]).ask(`http://127.0.0.1:${port}/`);
    if (answer.kind !== 'http') throw new Error(answer.kind);
    expect(Buffer.compare(answer.body, bytes)).toBe(0);
    expect(answer.headers).toContainEqual(['content-encoding', 'gzip']);
  });
});
