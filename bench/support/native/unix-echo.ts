import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopProcess } from '../stop-process.js';

/** Messages up to this size that are sent in one turn go in one write. */
const JOINED = 8 * 1024;

export interface Echo {
  /** Resolves to the message as it came back. Messages come back in order. */
  readonly send: (message: Uint8Array) => Promise<Uint8Array>;
  readonly stop: () => Promise<void>;
}

/** Starts a process that echoes over a Unix socket, and connects to it. */
export async function startEcho(): Promise<Echo> {
  const folder = await mkdtemp(path.join(tmpdir(), 'banyan-echo-'));
  const at = path.join(folder, 'socket');
  const child = fork(fileURLToPath(new URL('../peers/unix-echo.js', import.meta.url)), [at]);
  await once(child, 'message');
  const socket = connect(at);
  await once(socket, 'connect');
  return {
    send: sender(socket),
    stop: async () => {
      socket.destroy();
      await stopProcess(child);
      await rm(folder, { recursive: true });
    },
  };
}

interface Expected {
  readonly length: number;
  readonly resolve: (message: Uint8Array) => void;
}

function sender(socket: Socket): Echo['send'] {
  const expected: Expected[] = [];
  let next = 0;
  let outgoing: Uint8Array[] = [];
  let gathered: Buffer | null = null;
  let filled = 0;

  socket.on('data', (chunk: Buffer) => {
    let at = 0;
    for (let first = expected[next]; first !== undefined && at < chunk.length; first = expected[next]) {
      if (gathered === null && chunk.length - at >= first.length) {
        first.resolve(chunk.subarray(at, at + first.length));
        at += first.length;
        next += 1;
        continue;
      }
      gathered ??= Buffer.allocUnsafeSlow(first.length);
      const copied = chunk.copy(gathered, filled, at);
      filled += copied;
      at += copied;
      if (filled < first.length) break;
      first.resolve(gathered);
      gathered = null;
      filled = 0;
      next += 1;
    }
    expected.splice(0, next);
    next = 0;
  });

  const flush = (): void => {
    const messages = outgoing;
    outgoing = [];
    if (messages.every(({ length }) => length <= JOINED)) socket.write(Buffer.concat(messages));
    else for (const message of messages) socket.write(message);
  };
  return (message) =>
    new Promise((resolve) => {
      expected.push({ length: message.length, resolve });
      if (outgoing.push(message) === 1) process.nextTick(flush);
    });
}
