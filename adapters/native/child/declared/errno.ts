import { constants } from 'node:os';
import koffi from 'koffi';
import { readStart } from './c-string.js';
import { findInProcess } from '../libc.js';
import { NULL, type Pointer } from '../pointer.js';

const strerror = findInProcess('strerror', 'void *', ['int']);
const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);
const LONGEST = 256;

/** So that what is found there afterwards was left by the call. */
export function clearErrno(): void {
  koffi.errno(0);
}

/** An error number by its name and its text: `ENOENT: No such file or directory`. */
export function textOfError(errno: number): string {
  const text = (strerror?.(errno) ?? NULL) as Pointer;
  const said = text === NULL ? 'an error' : readStart(text, LONGEST).toString();
  return `${NAMES.get(errno) ?? `errno ${errno}`}: ${said}`;
}
