import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HostAnswer, HostRequest } from '#adapters/wasm/host-call.js';
import { PendingAsks } from '#adapters/wasm/process/child/pending-asks.js';
import { FrameReader, ProtocolError } from '#adapters/wasm/process/frame-reader.js';
import { FrameWriter } from '#adapters/wasm/process/frame-writer.js';
import { callDetail, type Frame, FROM_PROCESS, readCallDetail, withBytes } from '#adapters/wasm/process/frames.js';
import { parseRequest } from '#adapters/wasm/process/parent/parse.js';
import { callOf } from '../harness.js';

const frames = fc.array(
  fc.record({
    kind: fc.nat(6),
    number: fc.nat(2 ** 32 - 1),
    detail: fc.integer(),
    time: fc.double({ noNaN: true }),
    body: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.integer({ min: 8_000, max: 9_000 }).map((length) => new Uint8Array(length).fill(length)),
    ),
  }),
  { maxLength: 8 },
);

test('frames arrive as they were written, wherever what carries them cuts', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 9_000 }), { minLength: 1 }), (sent, cuts) => {
      const written: Uint8Array[] = [];
      const writer = new FrameWriter(
        (parts) => written.push(...parts),
        () => undefined,
      );
      for (const frame of sent) writer.add(frame);
      writer.flush();
      const stream = Buffer.concat(written);
      const read: Frame[] = [];
      const reader = new FrameReader(Array<number>(7).fill(80_000), (frame) => read.push(frame));
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const next = at + (cuts[turn % cuts.length] ?? 1);
        reader.push(stream.subarray(at, next));
        at = next;
      }
      const heads = (all: readonly Omit<Frame, 'body'>[]) =>
        all.map(({ kind, number, detail, time }) => [kind, number, detail, time]);
      expect(heads(read)).toEqual(heads(sent));
      expect(read.every(({ body }, index) => Buffer.compare(body, sent[index]!.body) === 0)).toBe(true);
    }),
  );
});

test('a frame that is longer than its kind may be is not waited for', () => {
  const reader = new FrameReader([10, 20], () => undefined);
  const header = Buffer.alloc(24);
  header.writeUInt32LE(15, 0);
  expect(() => reader.push(header)).toThrow(ProtocolError);
  header.writeUInt32LE(1, 8);
  expect(() => new FrameReader([10, 20], () => undefined).push(header)).not.toThrow();
});

test('a call says which function it is for, and whether another one waits for it', () => {
  for (const functionIndex of [0, 1, 77])
    for (const nested of [false, true])
      expect(readCallDetail(callDetail(functionIndex, nested))).toEqual({ functionIndex, nested });
});

test.each<[string, HostRequest]>([
  ['a call', { kind: 'call', target: 'a/b', input: Buffer.from('input') }],
  ['a call without input', { kind: 'call', target: 'ä/b', input: Buffer.alloc(0) }],
  [
    'an HTTP request',
    {
      kind: 'http',
      request: {
        method: 'POST',
        url: 'https://example.org/ö?x',
        headers: [
          ['accept', '*/*'],
          ['accept', 'text/plain'],
        ],
        body: Buffer.from([0, 1, 255]),
      },
    },
  ],
  ['an HTTP request without a body', { kind: 'http', request: { method: 'GET', url: 'x', headers: [], body: null } }],
  [
    'one with an empty body',
    { kind: 'http', request: { method: 'GET', url: 'x', headers: [], body: Buffer.alloc(0) } },
  ],
])('%s that a guest asks for reaches the gateway as it is, and the answer comes back', async (_what, request) => {
  const read: Frame[] = [];
  const reader = new FrameReader(Array<number>(7).fill(1_000), (frame) => read.push(frame));
  const writer = new FrameWriter(
    (parts) => reader.push(Buffer.concat(parts)),
    () => undefined,
  );
  const asks = new PendingAsks(writer, () => 4711);
  asks.noteParked(4711, true);
  const answer = asks.ask(request, callOf('any'), new AbortController().signal);
  writer.flush();
  expect(read).toMatchObject([{ kind: FROM_PROCESS.ask, number: 4711, detail: 1 }]);
  expect(parseRequest(read[0]!.body)).toEqual(request);
  const given: HostAnswer = { kind: 'refused', why: 'because' };
  asks.answer(4711, given);
  // Nobody waits for a second one.
  asks.answer(4711, { kind: 'given-up' });
  expect(await answer).toBe(given);
});

test('what a call has asked for is given up once, and a late answer is nobody’s', async () => {
  const read: Frame[] = [];
  const reader = new FrameReader(Array<number>(7).fill(1_000), (frame) => read.push(frame));
  const writer = new FrameWriter(
    (parts) => reader.push(Buffer.concat(parts)),
    () => undefined,
  );
  const asks = new PendingAsks(writer, () => 4711);
  const abort = new AbortController();
  const answer = asks.ask({ kind: 'call', target: 'a/b', input: Buffer.alloc(0) }, callOf('any'), abort.signal);
  abort.abort();
  asks.answer(4711, { kind: 'refused', why: 'late' });
  expect(await answer).toEqual({ kind: 'given-up' });
  writer.flush();
  expect(read.map(({ kind }) => kind)).toEqual([FROM_PROCESS.ask, FROM_PROCESS.giveUp]);
});

test('what stands around the bytes of a request is not parsed when it is over a mebibyte', () => {
  const body = withBytes({ kind: 'call', target: 'x'.repeat(2 ** 20) }, new Uint8Array(0));
  expect(() => parseRequest(body)).toThrow(ProtocolError);
});
