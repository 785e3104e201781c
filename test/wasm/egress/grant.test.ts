import { describe, expect, it } from 'vitest';
import { makeEgress } from '#adapters/wasm/egress/egress.js';
import { egressOf, serverOf, textOf } from './harness.js';

const hello = () => serverOf((_, response) => response.end('hello'));

describe('A guest reaches', () => {
  it('an address that hosts lists, of IPv4 and of IPv6', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const { port } = await serverOf((_, response) => response.end('hello'), { host });
      const written = host === '::1' ? `[::1]:${port}` : `${host}:${port}`;
      const { ask, outcomes } = egressOf([`http://${written}`]);
      expect(textOf(await ask(`http://${written}/`))).toBe('hello');
      expect(outcomes).toEqual(['answered']);
    }
  });

  it('this machine, by localhost', async () => {
    const { port } = await hello();
    const { ask } = egressOf([`localhost:${port}`], { names: { localhost: ['::1', '127.0.0.1'] } });
    expect(textOf(await ask(`http://localhost:${port}/`))).toBe('hello');
  });

  it('this machine by localhost as the system knows it', async () => {
    const { port } = await hello();
    const hosts = [{ scheme: null, host: { kind: 'name', name: 'localhost', private: false }, port } as const];
    const egress = makeEgress({ hosts, bodyLimit: 100, told: () => undefined });
    const within = { deadline: performance.now() + 50_000, signal: new AbortController().signal };
    const url = `http://localhost:${port}/`;
    expect(textOf(await egress.request({ method: 'GET', url, headers: [], body: null }, within))).toBe('hello');
    egress.close();
  });
});

describe('A guest is refused', () => {
  it('everything, where no host is listed', async () => {
    const { ask, outcomes } = egressOf([]);
    expect(await ask('http://127.0.0.1/')).toEqual({ kind: 'refused', why: 'no host is allowed' });
    expect(outcomes).toEqual(['denied']);
  });

  it.each([
    ['http://other.test/secret?token=1', 'it asks for http://other.test, which `hosts` does not allow'],
    ['https://api.test:8443/', 'it asks for https://api.test:8443, which `hosts` does not allow'],
    ['file:///etc/passwd', 'it asks for a URL that is neither http nor https'],
    ['http://user:pass@api.test/', 'it asks for http://api.test with a user name in the URL, which is not allowed'],
    ['api.test', 'its URL is not valid'],
    [`http://api.test/${'x'.repeat(9_000)}`, 'its URL is over 8192 characters'],
  ])('%.60s', async (url, why) => {
    expect(await egressOf(['api.test']).ask(url)).toEqual({ kind: 'refused', why });
  });

  it.each(['CONNECT', 'trace', 'TRACK', 'GET /x HTTP/1.1\r\nx: y', ''])('the method %j', async (method) => {
    const { ask, outcomes } = egressOf(['api.test']);
    expect(await ask('http://api.test/', { method })).toEqual({
      kind: 'refused',
      why: 'its method is not allowed',
    });
    expect(outcomes).toEqual(['invalid']);
  });

  it.each([
    [['*'], 'http://127.0.0.1/'],
    [['*'], 'http://10.1.2.3/'],
    [['*'], 'http://169.254.169.254/latest/meta-data'],
    [['*'], 'http://[::1]/'],
    [['*'], 'http://[::ffff:10.0.0.1]/'],
    [['*'], 'http://[64:ff9b::a00:1]/'],
    [['*'], 'http://0/'],
    [['http://*'], 'http://0x7f000001/'],
  ])('an address that is not public by %j: %s', async (hosts, url) => {
    expect(await egressOf(hosts).ask(url)).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('an address that is not public: `hosts` has to list it itself') as string,
    });
  });

  it.each([
    '127.0.0.1',
    '::1',
    '10.0.0.1',
    '192.168.1.1',
    '169.254.169.254',
    'fd00::1',
    'fe80::1%lo',
    '::ffff:127.0.0.1',
  ])('a name that leads to %s', async (address) => {
    const { port } = await hello();
    const { ask, outcomes } = egressOf([`api.test:${port}`, `*:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`], {
      names: { 'api.test': [address] },
    });
    expect(await ask(`http://api.test:${port}/`)).toEqual({
      kind: 'refused',
      why: `http://api.test:${port} leads to no address that \`hosts\` allows: none is public`,
    });
    expect(outcomes).toEqual(['denied']);
  });

  it.each(['127.0.0.1', '::1', '169.254.169.254', 'fe80::1', '0.0.0.0', '224.0.0.1'])(
    'a name marked private that leads to %s',
    async (address) => {
      const { ask } = egressOf(['private:db.test', 'private:*.db.test'], {
        names: { 'db.test': [address], 'a.db.test': [address] },
      });
      for (const name of ['db.test', 'a.db.test'])
        expect(await ask(`http://${name}/`)).toMatchObject({
          kind: 'refused',
          why: expect.stringContaining('none is public') as string,
        });
    },
  );

  it('localhost where it leads elsewhere', async () => {
    const { ask } = egressOf(['localhost'], { names: { localhost: ['10.0.0.1', '93.184.216.34'] } });
    expect(await ask('http://localhost/')).toMatchObject({ kind: 'refused' });
  });
});

describe('A name', () => {
  it('is resolved once a connection, and the address that was checked is the one connected to', async () => {
    const inner = await hello();
    let asked = 0;
    const { ask } = egressOf([`localhost:${inner.port}`], {
      resolve: () => {
        asked++;
        // Whoever asked again would be led to an address that nobody listens on.
        const address = asked === 1 ? '127.0.0.1' : '127.9.9.9';
        return Promise.resolve([{ address, family: 4 }]);
      },
    });
    expect(textOf(await ask(`http://localhost:${inner.port}/`))).toBe('hello');
    expect(textOf(await ask(`http://localhost:${inner.port}/`))).toBe('hello');
    expect(asked).toBe(1);
    expect(inner.connections()).toBe(1);
  });

  it('with allowed and other addresses is reached by the allowed ones alone', async () => {
    const { port } = await hello();
    const other = await serverOf((_, response) => response.end('other'), { host: '::1' });
    const { ask } = egressOf([`localhost:${port}`], { names: { localhost: ['10.255.255.1', 'fe80::1', '127.0.0.1'] } });
    expect(textOf(await ask(`http://localhost:${port}/`))).toBe('hello');
    expect(other.connections()).toBe(0);
  });

  it('that does not exist is said so', async () => {
    const { ask, outcomes } = egressOf(['*']);
    expect(await ask('https://nowhere.test/')).toEqual({
      kind: 'refused',
      why: 'the name of https://nowhere.test cannot be resolved (ENOTFOUND)',
    });
    const empty = egressOf(['*'], { names: { 'empty.test': [] } });
    expect(await empty.ask('https://empty.test/')).toEqual({
      kind: 'refused',
      why: 'the name of https://empty.test has no addresses',
    });
    expect(outcomes).toEqual(['failed']);
  });
});

describe('Connections', () => {
  it('are kept for one grant and not shared with another', async () => {
    const server = await hello();
    const hosts = [`http://127.0.0.1:${server.port}`];
    const first = egressOf(hosts);
    const second = egressOf(hosts);
    for (let time = 0; time < 3; time++) textOf(await first.ask(`http://127.0.0.1:${server.port}/`));
    expect(server.connections()).toBe(1);
    textOf(await second.ask(`http://127.0.0.1:${server.port}/`));
    expect(server.connections()).toBe(2);
  });
});
