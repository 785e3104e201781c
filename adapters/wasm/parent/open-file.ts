import { constants, type FileHandle, open } from 'node:fs/promises';

/** A file that stays the one that was opened, whatever has its name by then. */
export interface OpenFile {
  /** From its beginning, however often it has been read. */
  read(): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Opens a file by its path. */
export type OpenFileAt = (path: string) => Promise<OpenFile>;

export const openAtPath: OpenFileAt = async (path) => {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { read: () => readWhole(handle), close: () => handle.close() };
};

async function readWhole(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat();
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await handle.read(bytes, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
