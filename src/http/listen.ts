import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Address } from '../domain/configuration.js';
import { watchConnections } from './stop-listening.js';

/** Thrown when an address cannot be listened on; the message says which, why and what to do. */
export class CannotListen extends Error {
  override readonly name = 'CannotListen';
}

/** Resolves to the address that is listened on, as a URL. Rejects with {@link CannotListen}. */
export function listen(server: Server, { host, port }: Address): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(new CannotListen(why(error, `${host}:${port}`)));
    server.once('error', fail);
    watchConnections(server);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', fail);
      const bound = server.address() as AddressInfo;
      const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
      resolve(`http://${name}:${bound.port}`);
    });
  });
}

function why(error: NodeJS.ErrnoException, address: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `${address} is in use; stop what listens there, or choose another listen address`;
    case 'EACCES':
      return `${address} may not be listened on by this user; choose a port above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${address} is no address of this machine`;
    default:
      return `${address} cannot be listened on: ${error.message}`;
  }
}
