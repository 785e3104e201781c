import type { AddressInfo } from 'node:net';

/** Tells the bench that started this process where it listens. */
export function ready(address: AddressInfo | string | null): void {
  if (address === null || typeof address === 'string') throw new Error('a peer listens on a TCP port');
  process.send?.({ port: address.port });
  // A bench that dies must not leave a server behind.
  process.on('disconnect', () => process.exit(0));
}
