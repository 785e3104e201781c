/**
 * The frames between the gateway and a child, little endian (both ends are one machine).
 *
 * A call (gateway → child), 32 bytes, then the body, then 1 to 16 zero bytes so that every body starts aligned for any
 * C type and ends in a NUL, which makes it a C string where it lies:
 *
 *     u32 body length | u32 sequence | u32 function | u32 0 | f64 deadline (raw monotonic ms) | 8 bytes 0
 *
 * An answer (child → gateway), 16 bytes, then the body:
 *
 *     u32 body length | u32 sequence | u32 kind | i32 status
 *
 * Every call is answered once, in the order of the calls. Sequence numbers wrap at 2^32.
 */
export const CALL_HEADER = 32;
export const ANSWER_HEADER = 16;

/** Calls handed over to one child at a time: one executes, the others wait inside it. A power of two. */
export const DEPTH = 32;

/** The `function` of the first frame of all, whose body is an Opening as JSON. */
export const OPENING = 0xffff_ffff;

/** Longest body that a frame can say, its padding included. */
export const BODY_MAX = 0x7fff_ffef;

/** Longest text that goes with an answer other than `ok`. */
export const TEXT_MAX = 1024 * 1024;

export const ANSWER = {
  ok: 0,
  /** Body: what the plugin said about it; status: what it returned. */
  pluginError: 1,
  outputTooLarge: 2,
  /** Body: what is wrong with it. */
  badOutput: 3,
  /** Body: JSON `{detail, pointer?}`. */
  badRequest: 4,
  /** Not begun: its deadline had passed. */
  expired: 5,
  /** Not begun: the gateway had taken it back. */
  dropped: 6,
  /** The answers to the opening: the library is loaded; or JSON problems. */
  ready: 7,
  refused: 8,
} as const;

export type AnswerKind = (typeof ANSWER)[keyof typeof ANSWER];

/** Bytes of a call's frame after its header. */
export function paddedLength(bodyLength: number): number {
  return (bodyLength + 16) & ~15;
}

/** The sequence number after this one. */
export function following(sequence: number): number {
  return (sequence + 1) >>> 0;
}

/** How far `sequence` lies behind `reference` in the order of calls; negative when it came before. */
export function distance(sequence: number, reference: number): number {
  return (sequence - reference) | 0;
}
