import { randomBytes } from 'node:crypto';

const VISIBLE = /^[\x21-\x7e]{1,256}$/;

const prefix = randomBytes(6).toString('hex');
let made = 0;

/** A new id: random for the process, counted within it, which costs a call nothing. */
export function makeRequestId(): string {
  made += 1;
  return `${prefix}-${made.toString(36)}`;
}

/** Whether a caller's id can be kept: visible ASCII, at most 256 characters. */
export function isRequestId(id: string): boolean {
  return VISIBLE.test(id);
}
