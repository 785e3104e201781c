import { open } from 'node:fs/promises';

/** Writes a file whose content is on the disk when this resolves; only its owner may read it. */
export async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes what was renamed in a folder last. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
