/**
 * The frames between the gateway and a process of lanes, little endian (both ends are one machine): 24 bytes, then the body.
 *
 *     u32 body length | u32 number of the call | u32 kind | i32 detail | f64 time
 *
 * Every call is answered once, in any order, and may ask for something any number of times before that, one at a time.
 */
export const HEADER = 24;

export const TO_PROCESS = {
  /** The first one. Body: an Opening. */
  open: 0,
  /** Body: the input; detail: which function, and whether the call is nested; time: its deadline, on the raw monotonic clock in ms. */
  call: 1,
  /** Nobody waits for the call any more. Detail: why. */
  stop: 2,
  /** Body: a HostAnswer to what the call has asked for. */
  answer: 3,
} as const;

export const FROM_PROCESS = {
  /** The answers to the opening. Body: JSON, an array of what could not be denied; or an array of problems. */
  ready: 0,
  refused: 1,
  /** Body: the output. */
  reply: 2,
  /** Body: a Failure as JSON. */
  failure: 3,
  /** Body: a HostRequest. Detail: 1 if another call can run in the place of this one meanwhile. */
  ask: 4,
  /** What the call has asked for is not waited for any more. */
  giveUp: 5,
  /** Body: JSON, something that the lanes tell about themselves. */
  event: 6,
} as const;

export const STOPS = ['timeout', 'cancelled'] as const;

export interface Frame {
  readonly kind: number;
  readonly number: number;
  readonly detail: number;
  readonly time: number;
  /** The receiver's own: a part of what was read, or gathered for it. */
  readonly body: Buffer;
}

/** Which function a call is for, and whether another call waits for it, as a frame's detail. */
export function callDetail(functionIndex: number, nested: boolean): number {
  return functionIndex * 2 + (nested ? 1 : 0);
}

export function readCallDetail(detail: number): { readonly functionIndex: number; readonly nested: boolean } {
  return { functionIndex: detail >> 1, nested: (detail & 1) === 1 };
}

/** JSON with bytes behind it, as one body. */
export function withBytes(value: unknown, bytes: Uint8Array): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return Buffer.concat([length, json, bytes]);
}

/** Bytes of the JSON in front of others: parsed, it takes many times as much. No guest has a name or headers so long. */
const MOST_JSON = 1024 * 1024;

/** What {@link withBytes} made; throws SyntaxError or RangeError for anything else. */
export function splitBytes(body: Buffer): { readonly value: unknown; readonly bytes: Buffer } {
  const length = body.readUInt32LE(0);
  if (length > MOST_JSON) throw new RangeError('its JSON is over its limit');
  const end = 4 + length;
  if (end > body.length) throw new RangeError('its JSON is longer than the frame');
  return { value: JSON.parse(body.toString('utf8', 4, end)), bytes: body.subarray(end) };
}
