import { amount } from '../domain/figure.js';
import { isUtf8 } from 'node:buffer';
import type { Ended } from '../domain/comparison.js';

const EXCERPT = 200;

interface Shown {
  /** Bytes of an output, at most; default 200. */
  readonly most?: number;
  /** False: something is taken out of the function's samples, and is not to come in again here. */
  readonly isShown?: boolean;
}

/** How a side ended, in a line for people. */
export function outcomeText(ended: Ended, { most = EXCERPT, isShown = true }: Shown = {}): string {
  if (!isShown) return 'code' in ended ? ended.code : amount(ended.output.length, 'byte');
  return 'code' in ended ? `${ended.code}: ${ended.detail}` : bytesText(ended.output, most);
}

/** Bytes as text on one line, as hexadecimal digits where they are none. */
export function bytesText(bytes: Uint8Array, most = EXCERPT): string {
  if (bytes.length === 0) return '(empty)';
  const cut = bytes.length > most ? '…' : '';
  const shown = Buffer.from(bytes.subarray(0, most));
  // The last character of an excerpt may have been cut through.
  if (!isUtf8(bytes)) return `${shown.toString('hex')}${cut} (${amount(bytes.length, 'byte')})`;
  return `${shown
    .toString('utf8')
    .replace(/\ufffd+$/, '')
    .replace(/[\n\r\t]/g, (end) => ESCAPES[end] ?? ' ')}${cut}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
