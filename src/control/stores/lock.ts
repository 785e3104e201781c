import { open, stat, unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { StoreRefused } from './store.js';

const LOCK = 'lock.sock';

/** Gives the folder back. */
export type Unlock = () => Promise<void>;

/**
 * Makes this process the only owner of a folder. Rejects with {@link StoreRefused} while another owner lives.
 *
 * A listening socket is a lock that the kernel takes back when its owner dies, however it dies. There are two: an
 * abstract one, named by the folder's device and inode, decides without a race between processes that see the same
 * network namespace (and run a Node.js that writes such names alike: 20 pads them, 24 does not); one in the folder is
 * found by all others, such as a process in another container that has the folder mounted.
 */
export async function lockFolder(folder: string): Promise<Unlock> {
  const { dev, ino } = await stat(folder);
  const refused = new StoreRefused(
    `${folder} is in use by another Banyan process; stop it, or give this one a store of its own`,
  );
  const abstract = await listen(`\0banyan-store-${dev}-${ino}`);
  if (abstract === null) throw refused;

  // Socket addresses end at 108 bytes; a descriptor's path is short, however deep the folder lies.
  const handle = await open(folder, 'r');
  const address = `/proc/self/fd/${handle.fd}/${LOCK}`;
  try {
    if (await answers(address)) throw refused;
    // Nobody listens any more: its owner is dead, and no other process of ours is past the abstract socket.
    await unlink(join(folder, LOCK)).catch(unlessAbsent);
    const visible = await listen(address);
    if (visible === null) throw refused;
    return async () => {
      await close(visible);
      await handle.close();
      await close(abstract);
    };
  } catch (error) {
    await handle.close();
    await close(abstract);
    throw error;
  }
}

/** A listening socket that keeps no process alive; null when the address is taken. */
function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(address, () => resolve(server.unref()));
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Closing takes the socket's file away, too. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function unlessAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
