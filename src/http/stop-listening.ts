import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How often connections that have become idle are closed while the last requests end. */
const SWEEP_MS = 50;

const sockets = new WeakMap<Server, Set<Socket>>();

/** Notes a server's connections from now on, for {@link stopListening} to know the silent ones. */
export function watchConnections(server: Server): void {
  const open = new Set<Socket>();
  sockets.set(server, open);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
}

/**
 * Stops accepting, lets requests end, and resolves when no connection is left. After `graceMs` what is left is cut off;
 * resolves to whether that was needed.
 */
export function stopListening(server: Server, graceMs: number): Promise<'ended' | 'cut off'> {
  return new Promise((resolve) => {
    let outcome: 'ended' | 'cut off' = 'ended';
    const sweep = setInterval(() => closeIdle(server), SWEEP_MS);
    const grace = setTimeout(() => {
      outcome = 'cut off';
      server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(grace);
      resolve(outcome);
    });
    closeIdle(server);
  });
}

/** Node takes a connection that never sent a byte for busy. */
function closeIdle(server: Server): void {
  server.closeIdleConnections();
  for (const socket of sockets.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
}
