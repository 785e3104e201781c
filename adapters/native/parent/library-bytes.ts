import { open } from 'node:fs/promises';
import type { Artefact } from '../../../src/domain/artefact.js';
import { wrongWithElf } from '../elf/head.js';
import { AT } from '../protocol/opening.js';
import { Refused } from '../../../src/domain/backend.js';

/** Strings by which a library finds out where it lies: a run path relative to it, or dladdr for files beside it. */
const ASKS_FOR_ITS_PLACE = ['$ORIGIN', '${ORIGIN}', 'dladdr'];

/** What does not fit into a child's first frame is loaded from its path. */
const LARGEST = 1024 * 1024 * 1024;

/**
 * A library's bytes, to be brought into a child; null for one that has to be loaded from its path. Rejects with
 * {@link Refused} when the file is not there or no library. Whether it is the right one, the child says.
 */
export async function libraryBytes({ path }: Artefact): Promise<Uint8Array | null> {
  const bytes = await read(path);
  if (bytes === null || process.platform !== 'linux') return null;
  return ASKS_FOR_ITS_PLACE.some((text) => bytes.includes(text)) ? null : bytes;
}

async function read(path: string): Promise<Buffer | null> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw refused(`${path} cannot be read: ${(error as Error).message}`, error);
  });
  try {
    // Before anything is read whole: a manifest may name a disk image.
    const head = Buffer.alloc(64);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const wrong = process.platform === 'linux' ? wrongWithElf(head.subarray(0, bytesRead)) : null;
    if (wrong !== null) throw refused(`${path} ${wrong}`);
    return (await file.stat()).size > LARGEST ? null : await file.readFile();
  } catch (error) {
    throw error instanceof Refused ? error : refused(`${path} cannot be read: ${(error as Error).message}`, error);
  } finally {
    await file.close();
  }
}

function refused(message: string, cause?: unknown): Refused {
  return new Refused([{ pointer: AT.library, message }], { cause });
}
