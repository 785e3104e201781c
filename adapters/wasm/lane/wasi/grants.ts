import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import type { Grant } from '../../messages.js';
import type { Descriptors } from './descriptors.js';

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Opens what the plugin was granted: the guest finds it from descriptor 3 on, in the order of the manifest. */
export function openGrants(grants: readonly Grant[], descriptors: Descriptors): void {
  for (const grant of grants)
    descriptors.add({ kind: 'directory', fd: openGranted(grant), grant, preopened: true, listing: null });
}

/**
 * Throws when another place is found there than when the backend was opened: a plugin that may write above it could
 * have put a symlink in its way.
 */
function openGranted({ guest, host }: Grant): number {
  const fd = openSync(host, DIRECTORY);
  const place = readlinkSync(`/proc/self/fd/${fd}`);
  if (place === host) return fd;
  closeSync(fd);
  throw new Error(`the directory granted as ${guest} has been replaced: ${host} leads to ${place}`);
}
