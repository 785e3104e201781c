import { cut } from './excerpt.js';
import { only, SAME, type Differences } from './found.js';

/** Bytes that are compared at once. */
const BLOCK = 64 * 1024;

/** Bytes of an excerpt before what it is about, and from there on. */
const BEFORE = 8;
const AFTER = 32;

/** The same bytes with the methods of a Buffer. */
export function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && Buffer.compare(one, other) === 0;
}

export function compareBytes(legacy: Uint8Array, wasm: Uint8Array): Differences {
  if (areEqual(legacy, wasm)) return SAME;
  const at = firstDifference(legacy, wasm);
  const show = (bytes: Uint8Array): string =>
    at < bytes.length ? cut(`byte ${at}: ${quoteBytes(bytes, at)}`) : `ends after ${bytes.length} bytes`;
  return only({ pointer: '', kind: 'value', legacy: show(legacy), wasm: show(wasm) });
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  let at = 0;
  while (
    at < length &&
    areEqual(one.subarray(at, Math.min(at + BLOCK, length)), other.subarray(at, Math.min(at + BLOCK, length)))
  ) {
    at += BLOCK;
  }
  while (at < length && one[at] === other[at]) at++;
  return Math.min(at, length);
}

/** A few bytes around a place: in quotes where they are plain text, else as hexadecimal digits. */
export function quoteBytes(bytes: Uint8Array, at: number): string {
  const from = Math.max(0, at - BEFORE);
  const part = Buffer.from(bytes.subarray(from, at + AFTER));
  const plain = part.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127));
  const shown = plain ? JSON.stringify(part.toString('latin1')) : part.toString('hex').replace(/..(?!$)/g, '$& ');
  return `${from > 0 ? '…' : ''}${shown}${at + AFTER < bytes.length ? '…' : ''}`;
}
