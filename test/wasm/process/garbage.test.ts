import { expect, it } from 'vitest';
import { containedProcesses } from '#adapters/native/contained.js';
import { FROM_PROCESS, HEADER, withBytes } from '#adapters/wasm/process/frames.js';
import type { ContainedProcesses } from '#src/domain/contained.js';
import { isAlive } from '../../native/watching.js';
import { callOf, failureOf, FAULTY, specOf, textOf } from '../harness.js';
import { isolate } from './processes.js';

/** A number that a gateway gives to its first call, and one that it never gives. */
const NO_CALL = 7;

function frame(kind: number, body: string | Buffer, length = body.length): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(length, 0);
  header.writeUInt32LE(NO_CALL, 4);
  header.writeUInt32LE(kind, 8);
  return Buffer.concat([header, Buffer.from(body)]);
}

/** Processes in which another program runs than the gateway wants: one that sends this when it is called. */
function saying(garbage: Buffer): ContainedProcesses {
  const contained = containedProcesses();
  const file = new URL('./garbage.mjs', import.meta.url);
  const program = { module: `${file.href}?garbage=${garbage.toString('hex')}`, files: [file.pathname] };
  return { ...contained, start: (options) => contained.start({ ...options, program }) };
}

it.each<[string, Buffer, string]>([
  ['text', Buffer.from('GET / HTTP/1.1\r\nhost: example.org\r\n\r\n'), 'a frame of kind'],
  ['an answer over every limit', frame(FROM_PROCESS.reply, '', 0xffff_ffff), 'a frame of 4294967295 bytes'],
  ['an answer to a call that it does not have', frame(FROM_PROCESS.reply, 'x'), 'which it does not have'],
  ['a second answer to its opening', frame(FROM_PROCESS.ready, '[]'), 'a second answer to its opening'],
  ['a failure that is no JSON', frame(FROM_PROCESS.failure, '{'), 'what should be JSON is none'],
  [
    'a failure that lanes do not have',
    frame(FROM_PROCESS.failure, '{"code":"overloaded","detail":"x","retryAfterMs":-1}'),
    'a failure that lanes do not have',
  ],
  ['an event that lanes do not have', frame(FROM_PROCESS.event, '{"type":"state","state":{}}'), 'an event'],
  ['an event without a line', frame(FROM_PROCESS.event, '{"type":"output"}'), 'no line where one belongs'],
  ['a request that is too short', frame(FROM_PROCESS.ask, 'x'), 'a request that is none'],
  [
    'a request of no kind',
    frame(FROM_PROCESS.ask, withBytes({ kind: 'file' }, Buffer.alloc(0))),
    'a request of no kind',
  ],
  [
    'a request with headers that are none',
    frame(
      FROM_PROCESS.ask,
      withBytes({ kind: 'http', request: { method: 'GET', url: 'x', headers: [['a', 1]] } }, Buffer.alloc(0)),
    ),
    'a header that is none',
  ],
])('%s from a process ends that process, and nothing else', async (_what, garbage, detail) => {
  const neighbour = await isolate(specOf('faulty.wasm', FAULTY));
  const { backend, watch } = await isolate(specOf('faulty.wasm', FAULTY), {
    contained: saying(garbage),
    restarts: { max: 0, withinMs: 60_000, restMs: 60_000 },
  });
  const [pid] = watch.pids;
  const failure = await failureOf(backend, callOf('echo', 'x'));
  // It had not begun there, and nobody else runs it.
  expect(failure).toMatchObject({ code: 'unavailable' });
  expect(failure.detail).toContain('protocol (');
  expect(failure.detail).toContain(detail);
  expect(isAlive(pid!)).toBe(false);
  expect(await textOf(neighbour.backend, callOf('echo', 'fine'))).toBe('fine');
  expect(neighbour.watch.restarts).toEqual([]);
});
