import { openNative } from '../adapters/native/open.js';
import { containedProcesses } from '../adapters/native/contained.js';
import { openWasm } from '../adapters/wasm/open.js';
import { openInProcesses } from '../adapters/wasm/process/parent/open.js';
import { answerHostCalls, refuseAll } from '../adapters/wasm/parent/host-calls.js';
import { startLanes } from '../adapters/wasm/parent/lanes.js';
import type { Backend, Report } from './domain/backend.js';
import type { CallNested } from './domain/nested.js';
import type { BackendSpec } from './domain/plugin.js';

interface OpenerOptions {
  readonly libraryRoots: readonly string[];
  readonly inProcess: readonly string[];
  readonly lanes: number;
  /** For whoever looks for crashes: processes are kept in reserve, and restarted without a rest. */
  readonly crashesExpected: boolean;
  /** Makes calls that plugins make; without it, nothing is to be had. */
  readonly callNested?: CallNested;
}

/** Opens backends of every kind, for programs without a gateway. */
export interface Opener {
  /** Rejects with `Refused`. */
  open(spec: BackendSpec, report: Report): Promise<Backend>;
  /** Ends the lanes; backends are closed by whoever opened them. */
  close(): Promise<void>;
}

/** Of restarts, where crashes are expected: nobody's calls suffer from them, and a start takes tens of milliseconds. */
const RESTARTS = { max: 100, withinMs: 1_000, restMs: 1_000 };
const BACKOFF = { baseMs: 1, maxMs: 20 };

export function createOpener(options: OpenerOptions): Opener {
  const { libraryRoots, inProcess, lanes, crashesExpected, callNested } = options;
  const answer = callNested === undefined ? refuseAll : answerHostCalls(callNested);
  const native = { libraryRoots, inProcess, spares: crashesExpected };
  const openLibrary = openNative(crashesExpected ? { ...native, backoff: BACKOFF } : native);
  const threads = startLanes({ lanes, answer });
  const process = { contained: containedProcesses(), lanes, answer };
  const openModule = openWasm(
    threads.open,
    openInProcesses(crashesExpected ? { ...process, restarts: RESTARTS, backoff: BACKOFF } : process),
  );
  return {
    open(spec, report) {
      if (spec.kind === 'wasm') return openModule(spec, report);
      return openLibrary(crashesExpected ? { ...spec, restarts: RESTARTS } : spec, report);
    },
    close: () => threads.close(),
  };
}
