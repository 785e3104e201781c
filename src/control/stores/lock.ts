import { randomBytes } from 'node:crypto';
import { link, open, rename, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { StoreRefused } from './store.js';

const LOCK = 'lock.sock';

/** Gives the folder back. */
export type Unlock = () => Promise<void>;

/**
 * Makes this process the only owner of a folder. The lock is a listening socket: the kernel closes it when its owner
 * dies, however it dies, and whoever comes next finds that nobody answers. Rejects with {@link StoreRefused} while the
 * owner lives.
 *
 * The socket listens under a name of its own before it is linked to the lock's name, so a lock that exists always
 * answers or is dead; a dead one is moved away first and checked to be the very one that was found dead.
 */
export async function lockFolder(folder: string): Promise<Unlock> {
  const handle = await open(folder, 'r');
  // Socket addresses end at 108 bytes; a descriptor's path is short, however deep the folder lies.
  const at = (file: string): string => `/proc/self/fd/${handle.fd}/${file}`;
  const own = `lock-${randomBytes(6).toString('hex')}.sock`;
  const server = await listen(at(own));
  try {
    while (!(await linked(join(folder, own), join(folder, LOCK)))) await clearDead(folder, at);
  } catch (error) {
    await close(server, handle);
    throw error;
  } finally {
    await unlink(join(folder, own)).catch(() => undefined);
  }
  return async () => {
    await unlink(join(folder, LOCK)).catch(() => undefined);
    await close(server, handle);
  };
}

async function clearDead(folder: string, at: (file: string) => string): Promise<void> {
  const found = await stat(join(folder, LOCK)).catch(absent);
  if (found === null) return;
  if (await answers(at(LOCK))) {
    throw new StoreRefused(
      `${folder} is in use by another Banyan process; stop it, or give this one a store of its own`,
    );
  }
  const aside = join(folder, `dead-${randomBytes(6).toString('hex')}.sock`);
  try {
    await rename(join(folder, LOCK), aside);
  } catch (error) {
    absent(error);
    return;
  }
  const moved = await stat(aside);
  // Somebody else cleared the dead one and took the lock in between: theirs goes back to its place.
  if (moved.ino !== found.ino) await link(aside, join(folder, LOCK)).catch(() => undefined);
  await unlink(aside).catch(() => undefined);
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}

async function close(server: Server, handle: FileHandle): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await handle.close();
}

function absent(error: unknown): null {
  if (isErrno(error, 'ENOENT')) return null;
  throw error;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
