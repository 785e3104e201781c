import type { Server } from 'node:http';

/** How often connections that have become idle are closed while the last requests end. */
const SWEEP_MS = 50;

/**
 * Stops accepting, lets requests end, and resolves when no connection is left. After `graceMs` what is left is cut off;
 * resolves to whether that was needed.
 */
export function stopListening(server: Server, graceMs: number): Promise<'ended' | 'cut off'> {
  return new Promise((resolve) => {
    let outcome: 'ended' | 'cut off' = 'ended';
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const grace = setTimeout(() => {
      outcome = 'cut off';
      server.closeAllConnections();
    }, graceMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(grace);
      resolve(outcome);
    });
    server.closeIdleConnections();
  });
}
