import { Command } from 'commander';
import { addCall } from './call.js';
import { addCheck } from './check.js';
import { addEvidence } from './evidence.js';
import { addEvents } from './events.js';
import { addFuzz } from './fuzz.js';
import { addHistory } from './history.js';
import { addMismatches } from './mismatches.js';
import { addPlugins } from './plugins.js';
import { addReload } from './reload.js';
import { addRollback } from './rollback.js';
import { addRollout } from './rollout.js';
import { addRoutes } from './routes.js';
import { addServe } from './serve.js';
import { addSet } from './set.js';
import { addStatus } from './status.js';
import { addTrips } from './trips.js';
import { addVerify } from './verify.js';

/** The command line; `parseAsync` rejects with a CommanderError for wrong usage, and with whatever a verb rejects with. */
export function createProgram(version: string): Command {
  const program = new Command('banyan')
    .description('Moves calls from native plugins to WASM modules, function by function')
    .version(version)
    .exitOverride()
    .showHelpAfterError('(banyan --help, or banyan VERB --help, says what there is)');
  for (const add of [
    addServe,
    addCheck,
    addStatus,
    addPlugins,
    addRoutes,
    addSet,
    addHistory,
    addEvents,
    addRollback,
    addTrips,
    addRollout,
    addReload,
    addEvidence,
    addMismatches,
    addCall,
    addVerify,
    addFuzz,
  ]) {
    add(program);
  }
  return program;
}
