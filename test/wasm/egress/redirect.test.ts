import { describe, expect, it } from 'vitest';
import { echo, egressOf, serverOf, textOf } from './harness.js';

/** A server whose `/go?status=…&to=…` redirects, and that tells at other paths what it was asked. */
const redirecting = () =>
  serverOf((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const to = searchParams.get('to');
    if (pathname === '/go' && to !== null)
      response.writeHead(Number(searchParams.get('status') ?? 302), { location: to }).end('moved');
    else void echo(request).then((text) => response.end(text));
  });

const going = (port: number, to: string, status = 302): string =>
  `http://127.0.0.1:${port}/go?status=${status}&to=${encodeURIComponent(to)}`;

describe('A redirect', () => {
  it('is followed, relative ones too', async () => {
    const { port } = await redirecting();
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`]);
    const answer = await ask(going(port, '../there?x=1#fragment'));
    expect(JSON.parse(textOf(answer))).toMatchObject({ method: 'GET', url: '/there?x=1' });
    expect(outcomes).toEqual(['answered']);
  });

  it.each([
    [
      'a host that is not listed',
      'http://other.test/secret',
      /redirects it to http:\/\/other\.test, which `hosts` does/,
    ],
    ['another port', 'http://127.0.0.1:1/', /redirects it to http:\/\/127\.0\.0\.1:1, which `hosts` does not allow$/],
    ['another scheme', 'ftp://127.0.0.1/', /redirects it to a URL that is neither http nor https$/],
    ['a URL with a password', 'http://a:b@any.example.test/', /with a user name in the URL/],
    ['what is no URL', 'http://[', /^it was redirected to what is no valid URL$/],
    [
      'a name that leads inside',
      'http://inside.example.test/',
      /^http:\/\/inside\.example\.test leads to no address that/,
    ],
  ])('to %s ends the request', async (_, to, why) => {
    const { port } = await redirecting();
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`, '*.example.test'], {
      names: { 'inside.example.test': ['10.0.0.1'] },
    });
    expect(await ask(going(port, to))).toEqual({ kind: 'refused', why: expect.stringMatching(why) as string });
    expect(outcomes).toEqual([to === 'http://[' ? 'failed' : 'denied']);
  });

  it('to the metadata service of a cloud ends the request, also where all that is public is listed', async () => {
    const { port } = await redirecting();
    expect(await egressOf([`127.0.0.1:${port}`, '*']).ask(going(port, 'http://169.254.169.254/'))).toEqual({
      kind: 'refused',
      why: `http://127.0.0.1:${port} redirects it to http://169.254.169.254, an address that is not public: \`hosts\` has to list it itself`,
    });
  });

  it('is followed five times and not a sixth', async () => {
    const { port } = await redirecting();
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`]);
    const times = (count: number): string => (count === 0 ? '/end' : going(port, times(count - 1)));
    expect(textOf(await ask(times(5)))).toContain('"/end"');
    expect(await ask(times(6))).toEqual({ kind: 'refused', why: 'it was redirected more than 5 times' });
    expect(outcomes).toEqual(['answered', 'denied']);
  });

  it.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [303, 'HEAD', 'HEAD', ''],
    [301, 'PUT', 'PUT', 'body'],
    [307, 'POST', 'POST', 'body'],
    [308, 'PUT', 'PUT', 'body'],
  ])('of status %d makes of %s a %s', async (status, method, then, body) => {
    const { port } = await redirecting();
    const { ask } = egressOf([`127.0.0.1:${port}`]);
    const answer = await ask(going(port, '/end', status), {
      method,
      headers: [
        ['content-type', 'text/plain'],
        ['x-kept', 'yes'],
      ],
      body: Buffer.from('body'),
    });
    expect(answer).toMatchObject({ status: 200 });
    if (method === 'HEAD') return;
    const seen = JSON.parse(textOf(answer)) as { headers: Record<string, string> };
    expect(seen).toMatchObject({ method: then, body, headers: { 'x-kept': 'yes' } });
    expect(seen.headers['content-type']).toBe(body === '' ? undefined : 'text/plain');
  });

  it('to another origin takes no credentials along, one to the same does', async () => {
    const first = await redirecting();
    const second = await redirecting();
    const { ask } = egressOf([`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`]);
    const headers = [
      ['Authorization', 'Bearer secret'],
      ['Cookie', 'a=1'],
      ['X-Other', 'kept'],
    ] as const;
    const seen = async (port: number) =>
      (
        JSON.parse(textOf(await ask(going(first.port, `http://127.0.0.1:${port}/`), { headers }))) as {
          headers: Record<string, string>;
        }
      ).headers;
    expect(await seen(first.port)).toMatchObject({ authorization: 'Bearer secret', cookie: 'a=1', 'x-other': 'kept' });
    const across = await seen(second.port);
    expect(across).toMatchObject({ 'x-other': 'kept', host: `127.0.0.1:${second.port}` });
    expect(across).not.toHaveProperty('authorization');
    expect(across).not.toHaveProperty('cookie');
  });

  it('without a location is an answer like any other, and so is 304', async () => {
    const { port } = await serverOf((request, response) => response.writeHead(Number(request.url?.slice(1))).end());
    const { ask } = egressOf([`127.0.0.1:${port}`]);
    for (const status of [300, 302, 304])
      expect(await ask(`http://127.0.0.1:${port}/${status}`)).toMatchObject({ status });
  });

  it('to what is no URL ends the request and the connection', async () => {
    let closed: () => void;
    const noticed = new Promise<void>((resolve) => (closed = resolve));
    const { port } = await serverOf((_, response) => {
      response.on('close', () => closed());
      response.writeHead(302, { location: 'http://[' }).write('and so on');
    });
    const { ask } = egressOf([`127.0.0.1:${port}`]);
    expect(await ask(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'refused' });
    await noticed;
  });

  it('is not held up by a body without an end', async () => {
    const { port } = await serverOf((request, response) => {
      if (request.url === '/end') response.end('done');
      else response.writeHead(302, { location: '/end' }).write('and so on');
    });
    expect(textOf(await egressOf([`127.0.0.1:${port}`]).ask(`http://127.0.0.1:${port}/`))).toBe('done');
  });
});
