import { isUtf8 } from 'node:buffer';
import { constants, open } from 'node:fs/promises';
import { Misconfigured } from '../domain/misconfigured.js';
import { reasonOf } from './reason.js';

const MOST_BYTES = 1024 * 1024;

/** The bytes of a file of at most 1 MiB; rejects with {@link Misconfigured}. Never waits for a pipe's writer. */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) return refuse(file, 'expected a file');
      if (stat.size > MOST_BYTES) return refuse(file, 'expected at most 1 MiB');
      const buffer = Buffer.allocUnsafe(stat.size + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length);
        if (bytesRead === 0) return buffer.subarray(0, length);
        length += bytesRead;
      }
      return refuse(file, 'it grew while it was read');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof Misconfigured) throw error;
    throw new Misconfigured([{ file, line: 1, column: 1, path: '', message: reasonOf(error) }], { cause: error });
  }
}

/** The text of UTF-8 bytes, without a byte order mark; throws {@link Misconfigured} with the place of the first bad byte. */
export function decode(file: string, bytes: Uint8Array): string {
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, validLength(bytes)), {
    stream: true,
  });
  const lines = before.split('\n');
  throw new Misconfigured([
    {
      file,
      line: lines.length,
      column: (lines.at(-1)?.length ?? 0) + 1,
      path: '',
      message: 'expected text in UTF-8, found other bytes',
    },
  ]);
}

function refuse(file: string, message: string): never {
  throw new Misconfigured([{ file, line: 1, column: 1, path: '', message }]);
}

/** How many bytes stand before the first that no UTF-8 text can have there. */
function validLength(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (good < bad) {
    const middle = Math.ceil((good + bad) / 2);
    if (begins(bytes.subarray(0, middle))) good = middle;
    else bad = middle - 1;
  }
  return good;
}

/** Whether bytes could be the beginning of a UTF-8 text, cut anywhere. */
function begins(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
