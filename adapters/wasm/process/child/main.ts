import { writevSync } from 'node:fs';
import { Socket } from 'node:net';
import { deserialize } from 'node:v8';
import type { RunContained } from '../../../../src/domain/contained.js';
import type { HostAnswer } from '../../host-call.js';
import { FrameReader } from '../frame-reader.js';
import { type Frame, STOPS, TO_PROCESS } from '../frames.js';
import { FrameWriter } from '../frame-writer.js';
import type { Opening } from '../opening.js';
import { type Serving, serveLanes } from './serve-lanes.js';

/** The gateway is trusted: what it sends is as long as it is. */
const ANY = 2 ** 32 - 1;
const LIMITS = [ANY, ANY, ANY, ANY];

/**
 * A process that runs the lanes of one plugin: is told which, and then does what its gateway says. It ends with the
 * gateway, or when that has no use for it any more.
 */
export const run: RunContained = ({ incoming, outgoing, note, missing }) => {
  // What a tick has brought is written in the next: between them lies nothing but the promises of this one.
  const writer = new FrameWriter(
    (parts) => writeAll(outgoing, parts),
    (flush) => process.nextTick(flush),
  );
  let serving: Serving | null = null;

  const hear = ({ kind, number, detail, time, body }: Frame): void => {
    if (serving === null) {
      if (kind !== TO_PROCESS.open) throw new Error('the first frame is no opening');
      serving = serveLanes(deserialize(body) as Opening, { writer, note, missing });
    } else if (kind === TO_PROCESS.call) serving.call(number, detail, time, body);
    else if (kind === TO_PROCESS.stop) serving.stop(number, STOPS[detail] ?? 'timeout');
    else if (kind === TO_PROCESS.answer) serving.answer(number, deserialize(body) as HostAnswer);
  };

  const reader = new FrameReader(LIMITS, hear);
  const socket = new Socket({ fd: incoming, readable: true, writable: false });
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('error', () => process.exit(0));
  socket.on('close', () => process.exit(0));
};

/** Blocks until the gateway has room: it always reads. */
function writeAll(descriptor: number, parts: readonly Uint8Array[]): void {
  let rest = parts;
  while (rest.length > 0) {
    let written = writevSync(descriptor, rest);
    let whole = 0;
    while (whole < rest.length && written >= (rest[whole]?.length ?? 0)) written -= rest[whole++]?.length ?? 0;
    const [first, ...others] = rest.slice(whole);
    rest = first === undefined ? [] : [first.subarray(written), ...others];
  }
}
