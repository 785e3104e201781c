import { createServer, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { egressOf, listening, serverOf, textOf } from './harness.js';

/** A server that says these very bytes to whoever asks, and nothing more; `end`: then hangs up. */
const saying = (text: string, end: boolean): Promise<{ port: number }> => {
  const server: Server = createServer((socket) => {
    socket.once('data', () => (end ? socket.end(text) : socket.write(text)));
  });
  return listening(server as never);
};

describe('An answer', () => {
  it.each([true, false])('over the limit is cut off, announced: %s', async (announced) => {
    const { port, sockets } = await serverOf((_, response) => {
      if (announced) response.writeHead(200, { 'content-length': 100_001 });
      response.write('x'.repeat(60_000));
      response.write('x'.repeat(40_001));
    });
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`]);
    expect(await ask(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'refused',
      why: 'the body of its answer is over the limit of 100000 bytes',
    });
    expect(outcomes).toEqual(['too-large']);
    await Promise.all([...sockets].map((socket) => new Promise((resolve) => socket.on('close', resolve))));
  });

  it('without an end is cut off, and its server notices', async () => {
    let closed: () => void;
    const noticed = new Promise<void>((resolve) => (closed = resolve));
    const { port } = await serverOf((_, response) => {
      const more = (): void => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more).on('close', () => closed());
      more();
    });
    expect(await egressOf([`127.0.0.1:${port}`]).ask(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'refused' });
    await noticed;
  });

  it('in pieces of a byte is cut off', async () => {
    const { port } = await saying(
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(200_001)}`,
      false,
    );
    expect(await egressOf([`127.0.0.1:${port}`], { bodyLimit: 300_000 }).ask(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'refused',
      why: 'the body of its answer is over the limit of 200000 pieces',
    });
  });

  it.each([0, 1, 65_536, 100_000])('of %d bytes is whole', async (length) => {
    const { port } = await serverOf((_, response) => {
      for (let at = 0; at < length; at += 7_000) response.write(Buffer.alloc(Math.min(7_000, length - at), at / 7_000));
      response.end();
    });
    const answer = await egressOf([`127.0.0.1:${port}`]).ask(`http://127.0.0.1:${port}/`);
    if (answer.kind !== 'http') throw new Error(answer.kind);
    expect(answer.body).toHaveLength(length);
    expect([...answer.body].every((byte, at) => byte === Math.floor(at / 7_000))).toBe(true);
  });

  it('that only announces a large body, as to HEAD, is no large one', async () => {
    const { port } = await serverOf((_, response) => response.writeHead(200, { 'content-length': 1e9 }).end());
    expect(await egressOf([`127.0.0.1:${port}`]).ask(`http://127.0.0.1:${port}/`, { method: 'HEAD' })).toMatchObject({
      status: 200,
      body: new Uint8Array(0),
    });
  });
});

describe('A server', () => {
  it('that never answers is not waited for longer than the limit', async () => {
    const { port } = await serverOf(() => undefined);
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`], { answerWithin: 100 });
    expect(await ask(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'refused',
      why: `there was no whole answer from http://127.0.0.1:${port} within 100 ms`,
    });
    expect(outcomes).toEqual(['timeout']);
  });

  it('that trickles for ever is not waited for longer either', async () => {
    const { port } = await serverOf((_, response) => {
      response.write('x');
      const trickle = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(trickle));
    });
    expect(await egressOf([`127.0.0.1:${port}`], { answerWithin: 200 }).ask(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'refused',
      why: `there was no whole answer from http://127.0.0.1:${port} within 200 ms`,
    });
  });

  it('that trickles its headers is not', async () => {
    const server = createServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const trickle = setInterval(() => socket.write('x: y\r\n'), 5);
      socket.on('close', () => clearInterval(trickle));
    });
    const { port } = await listening(server as never);
    expect(await egressOf([`127.0.0.1:${port}`], { answerWithin: 200 }).ask(`http://127.0.0.1:${port}/`)).toMatchObject(
      {
        kind: 'refused',
        why: expect.stringContaining('no whole answer') as string,
      },
    );
  });

  it('that has not answered when its call is stopped at its deadline counts as too late', async () => {
    const caller = new AbortController();
    const { port } = await serverOf(() => caller.abort());
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`]);
    const within = { deadline: performance.now(), signal: caller.signal };
    expect(await ask(`http://127.0.0.1:${port}/`, {}, within)).toEqual({ kind: 'given-up' });
    expect(outcomes).toEqual(['timeout']);
  });

  it('whose guest is given up is let go of', async () => {
    let asked: () => void;
    let left: () => void;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const isLeft = new Promise<void>((resolve) => (left = resolve));
    const { port } = await serverOf((_, response) => {
      response.on('close', () => left());
      asked();
    });
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`]);
    const caller = new AbortController();
    const answer = ask(`http://127.0.0.1:${port}/`, {}, { signal: caller.signal });
    await isAsked;
    caller.abort();
    expect(await answer).toEqual({ kind: 'given-up' });
    await isLeft;
    expect(await ask(`http://127.0.0.1:${port}/`, {}, { signal: caller.signal })).toEqual({ kind: 'given-up' });
    expect(outcomes).toEqual(['given-up', 'given-up']);
  });

  it('whose guest is given up in the middle of the body is let go of', async () => {
    const caller = new AbortController();
    const { port } = await serverOf((_, response) => {
      response.write('x', () => setImmediate(() => caller.abort()));
    });
    expect(
      await egressOf([`127.0.0.1:${port}`]).ask(`http://127.0.0.1:${port}/`, {}, { signal: caller.signal }),
    ).toEqual({ kind: 'given-up' });
  });

  it('whose name is never resolved is not waited for', async () => {
    const { ask, outcomes } = egressOf(['*'], { connectWithin: 50, resolve: () => new Promise(() => undefined) });
    expect(await ask('https://slow.test/')).toEqual({
      kind: 'refused',
      why: 'there was no connection to https://slow.test within 50 ms',
    });
    expect(outcomes).toEqual(['timeout']);
  });

  it('that never answers the TLS handshake is not waited for', async () => {
    const { port } = await listening(createServer() as never);
    expect(await egressOf([`127.0.0.1:${port}`], { connectWithin: 100 }).ask(`https://127.0.0.1:${port}/`)).toEqual({
      kind: 'refused',
      why: `there was no connection to https://127.0.0.1:${port} within 100 ms`,
    });
  });

  it('that refuses the connection is named, and no address with it', async () => {
    const server = await serverOf(() => undefined);
    const { port } = server;
    const gone = egressOf(['127.0.0.1:1', 'localhost:1'], { names: { localhost: ['::1', '127.0.0.1'] } });
    expect(await gone.ask('http://127.0.0.1:1/')).toEqual({
      kind: 'refused',
      why: 'http://127.0.0.1:1 refused the connection',
    });
    expect(await gone.ask('http://localhost:1/')).toEqual({
      kind: 'refused',
      why: 'http://localhost:1 refused the connection',
    });
    expect(gone.outcomes).toEqual(['failed', 'failed']);
    expect(port).toBeGreaterThan(0);
  });

  it.each([
    ['hangs up', '', true, /ended the connection without an answer that HTTP allows \(ECONNRESET\)$/],
    [
      'speaks no HTTP',
      'SSH-2.0-OpenSSH_9.2\r\n',
      false,
      /without an answer that HTTP allows \(HPE_INVALID_CONSTANT\)$/,
    ],
    ['has endless headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}`, false, /\(HPE_HEADER_OVERFLOW\)$/],
    [
      'frames its body in two ways',
      'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      false,
      /without an answer that HTTP allows/,
    ],
    [
      'changes the protocol',
      'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      false,
      /without an/,
    ],
    [
      'hangs up in the middle',
      'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345',
      true,
      /ended the connection in the middle of its answer \(ECONNRESET\)$/,
    ],
    [
      'breaks its chunks',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
      false,
      /ended the connection in the middle|without an answer/,
    ],
  ])('that %s is named', async (_, text, end, why) => {
    const { port } = await saying(text, end);
    const { ask, outcomes } = egressOf([`127.0.0.1:${port}`]);
    expect(await ask(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'refused',
      why: expect.stringMatching(why) as string,
    });
    expect(outcomes).toEqual(['failed']);
  });
});

describe('A kept connection that its server has ended', () => {
  /** Answers the first request of a connection, and hangs up at the second one. */
  const oncePerConnection = () => {
    let requests = 0;
    const server = createServer((socket) => {
      let first = true;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        requests++;
        if (first) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
        else socket.destroy();
        first = false;
      });
    });
    return listening(server as never).then(({ port, connections }) => ({
      port,
      connections,
      requests: () => requests,
    }));
  };

  it('does not fail a request that may be made twice', async () => {
    const { port, connections } = await oncePerConnection();
    const { ask } = egressOf([`127.0.0.1:${port}`]);
    for (let time = 0; time < 3; time++) expect(textOf(await ask(`http://127.0.0.1:${port}/`))).toBe('ok');
    expect(connections()).toBe(3);
  });

  it('fails one that may not, which is sent once', async () => {
    const { port, requests } = await oncePerConnection();
    const { ask } = egressOf([`127.0.0.1:${port}`]);
    expect(textOf(await ask(`http://127.0.0.1:${port}/`, { method: 'POST' }))).toBe('ok');
    expect(await ask(`http://127.0.0.1:${port}/`, { method: 'POST' })).toMatchObject({ kind: 'refused' });
    expect(requests()).toBe(2);
  });
});
