import type { Clocks } from './clocks.js';
import type { Descriptors } from './descriptors.js';
import { ERRNO, Errno } from './errno.js';
import type { GuestMemory } from './guest-memory.js';

/** Bytes of a subscription, and of an event. */
const SUBSCRIPTION = 48;
const EVENT = 32;

/** Subscriptions of one call. */
const MOST = 4096;

/** What a subscription waits for. */
const CLOCK = 0;
const READ = 1;
const WRITE = 2;

/** The flag of a clock subscription whose time is a moment. */
const ABSOLUTE = 1;
/** The flag of an event: nothing more will come. */
const HANGUP = 1;

interface Due {
  readonly subscription: number;
  /** Nanoseconds until it is; 0 for at once. */
  readonly after: bigint;
}

/**
 * Waits for the first of what the guest waits for, and tells which have come. Files, inputs and outputs never let anybody
 * wait. The wait is one on shared memory: ending the lane ends it.
 */
export function pollOneoff(
  memory: GuestMemory,
  descriptors: Descriptors,
  clocks: Clocks,
  subscriptions: number,
  events: number,
  count: number,
): number {
  if (count === 0 || count > MOST) throw new Errno('EINVAL');
  memory.bytes(subscriptions, count * SUBSCRIPTION);
  memory.bytes(events, count * EVENT);

  const dues = Array.from({ length: count }, (_, index): Due => {
    const subscription = (subscriptions >>> 0) + index * SUBSCRIPTION;
    const after = memory.u8(subscription + 8) === CLOCK ? timeLeft(memory, clocks, subscription) : 0n;
    return { subscription, after };
  });
  const first = dues.reduce((least, { after }) => (after < least ? after : least), dues[0]?.after ?? 0n);
  sleep(first);

  const come = dues.filter(({ after }) => after <= first);
  const told = come.map(({ subscription }) => eventOf(memory, descriptors, subscription));
  told.forEach((event, index) => memory.bytes((events >>> 0) + index * EVENT, EVENT).set(event));
  return come.length;
}

function timeLeft(memory: GuestMemory, clocks: Clocks, subscription: number): bigint {
  const clock = memory.u32(subscription + 16);
  const time = memory.u64(subscription + 24);
  const now = clocks.now(clock);
  if ((memory.u16(subscription + 40) & ABSOLUTE) === 0) return time;
  return time > now ? time - now : 0n;
}

function sleep(nanoseconds: bigint): void {
  if (nanoseconds > 0n) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(nanoseconds) / 1e6);
}

function eventOf(memory: GuestMemory, descriptors: Descriptors, subscription: number): Uint8Array {
  const type = memory.u8(subscription + 8);
  const event = Buffer.alloc(EVENT);
  event.writeBigUInt64LE(memory.u64(subscription), 0);
  event.writeUInt8(type, 10);
  if (type === CLOCK) return event;
  if (type !== READ && type !== WRITE) throw new Errno('EINVAL');
  const open = descriptors.find(memory.u32(subscription + 16));
  if (open === null) event.writeUInt16LE(ERRNO.EBADF, 8);
  else if (open.kind === 'stdin') event.writeUInt16LE(HANGUP, 24);
  return event;
}
