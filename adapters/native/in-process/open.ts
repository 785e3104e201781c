import { type Containment, type Open, Refused } from '../../../src/domain/backend.js';
import type { NativeSpec } from '../../../src/domain/native.js';
import { libraryBytes } from '../parent/library-bytes.js';
import { memberOf } from '../parent/member.js';
import { impossibleInProcess } from './terms.js';

/** Nothing holds it back. */
const CONTAINMENT: Containment = {
  network: 'all',
  files: 'all',
  processes: 'allowed',
  by: [],
  missing: ['it runs in the gateway itself: a crash in it ends the gateway, and no deadline can stop it'],
};

const WARNING =
  'in-process: no containment, no deadline for a call that runs; a crash ends the gateway, a slow call stops all others';

/**
 * Opens a library in the gateway itself: for one that its owner trusts. Calls run inside `call`, to their end. Rejects
 * with {@link Refused}, all mistakes at once. Whether the configuration allows it was asked before.
 */
export const openInProcess: Open<NativeSpec> = async (spec, report) => {
  const problems = impossibleInProcess(spec);
  if (problems.length > 0) throw new Refused(problems);
  report({ type: 'state', state: { state: 'loading' } });
  const member = await memberOf(spec, report, 0);
  const bytes = await libraryBytes(spec.library);
  // koffi comes with it: a gateway that has no use for it in its own process does not load it.
  const { loadBackend } = await import('./load.js');
  const backend = loadBackend(member, bytes, () => report({ type: 'state', state: { state: 'unloaded' } }));
  report({ type: 'output', stream: 'log', line: WARNING });
  report({ type: 'state', state: { state: 'ready', pids: [], containment: CONTAINMENT } });
  return backend;
};
