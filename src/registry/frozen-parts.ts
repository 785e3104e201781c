import type { Configuration } from '../domain/configuration.js';
import type { FileProblem } from '../domain/generation.js';
import { locate } from './locate.js';

/** What a running gateway took from its configuration once and for all, by the pointer of its key. */
const FROZEN: Readonly<Record<string, (configuration: Configuration) => unknown>> = {
  '/data': ({ data }) => data,
  '/admin': ({ admin }) => admin,
  '/libraryRoots': ({ libraryRoots }) => libraryRoots,
  '/inProcess': ({ inProcess }) => inProcess,
  '/store': ({ store }) => store,
  '/lanes': ({ lanes }) => lanes,
  '/shutdown': ({ shutdown }) => shutdown,
};

/** What differs between two readings of a configuration and takes a restart to change. */
export async function frozenPartsChanged(running: Configuration, now: Configuration): Promise<readonly FileProblem[]> {
  const changed = Object.entries(FROZEN).filter(
    ([, part]) => JSON.stringify(part(running)) !== JSON.stringify(part(now)),
  );
  const message = 'a reload does not change this; restart the gateway, or put it back as it was';
  return await Promise.all(changed.map(([pointer]) => locate(now.file, { pointer, message })));
}
