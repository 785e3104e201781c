import { createHash } from 'node:crypto';
import type { Backend, BackendEvent, BackendName, BackendState, Problem, Report } from '../domain/backend.js';
import { BACKEND_NAMES, Refused } from '../domain/backend.js';
import { Failed } from '../domain/failure.js';
import type { BackendSpec, Plugin } from '../domain/plugin.js';
import { own } from './lease.js';
import { loading } from './loading.js';
import type { OwnedBackend } from './lease.js';
import { unloaded, type Wanted } from './unloaded.js';

/** The live backends of one plugin. */
export interface Built {
  readonly plugin: Plugin;
  readonly legacy: OwnedBackend | null;
  readonly wasm: OwnedBackend | null;
}

/** Opens a backend of whatever kind, its queue in front. Rejects with {@link Refused}. */
export type OpenBackend = (plugin: Plugin, name: BackendName, spec: BackendSpec, report: Report) => Promise<Backend>;

/** The ear for what a plugin's backend will tell. */
export type ReportFor = (plugin: string, name: BackendName) => Report;

interface BuildOptions {
  readonly open: OpenBackend;
  readonly reportFor: ReportFor;
  readonly wanted: Wanted;
  /** Resolves when those that are still opening are to be taken as they are: `loading`. Without it, all are waited for. */
  readonly enough?: Promise<void>;
}

/** Builds a plugin's backends, all at once; those whose specification is that of `previous` are carried over untouched. */
export async function build(plugin: Plugin, previous: Built | undefined, options: BuildOptions): Promise<Built> {
  const [legacy = null, wasm = null] = await Promise.all(
    BACKEND_NAMES.map(async (name) => {
      const spec = plugin.backends[name];
      if (spec === null) return null;
      const print = fingerprint(plugin, spec);
      const kept = previous?.[name];
      const wanted = options.wanted(plugin, name);
      // One that was refused is tried again: what it lacked may be there now.
      if (kept?.fingerprint === print && !isRefused(kept) && isUnloaded(kept) !== wanted) return kept;
      return wanted ? await openOne(plugin, name, spec, print, options) : unloaded(name, spec, print);
    }),
  );
  return { plugin, legacy, wasm };
}

function isRefused(backend: OwnedBackend): boolean {
  return backend.state().state === 'refused';
}

function isUnloaded(backend: OwnedBackend): boolean {
  return backend.state().state === 'unloaded';
}

/** Whether a plugin holds what its routes need, and nothing else. */
export function fits({ plugin, legacy, wasm }: Built, wanted: Wanted): boolean {
  return [legacy, wasm].every((backend) => backend === null || isUnloaded(backend) !== wanted(plugin, backend.name));
}

async function openOne(
  plugin: Plugin,
  name: BackendName,
  spec: BackendSpec,
  print: string,
  { open, reportFor, enough }: BuildOptions,
): Promise<OwnedBackend> {
  const told: { state: BackendState; live: OwnedBackend | null } = { state: { state: 'loading' }, live: null };
  const tell = reportFor(plugin.name, name);
  const report = (event: BackendEvent): void => {
    if (event.type === 'state') told.state = event.state;
    tell(event);
    if (event.type === 'state') told.live?.onState?.(event.state);
  };
  const opened = open(plugin, name, spec, report)
    .catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error;
      report({ type: 'state', state: { state: 'refused', problems: error.problems } });
      return refused(name, error.problems);
    })
    .then((backend) => {
      // An adapter that has nothing to tell is ready once it is open.
      if (told.state.state === 'loading') report({ type: 'state', state: { state: 'ready', pids: [] } });
      return backend;
    });
  const backend = await Promise.race([
    opened,
    ...(enough === undefined ? [] : [enough.then(() => loading(name, opened))]),
  ]);
  told.live = own({ name, spec, fingerprint: print, backend, state: () => told.state });
  return told.live;
}

export function backendsOf(built: readonly Built[]): OwnedBackend[] {
  return built.flatMap(({ legacy, wasm }) => [legacy, wasm].filter((backend) => backend !== null));
}

/** Stands where a backend would: every call learns why there is none. */
function refused(name: BackendName, problems: readonly Problem[]): Backend {
  const detail = `the ${name} backend was refused: ${problems.map((problem) => problem.message).join('; ')}`;
  return {
    window: { size: 1 },
    call: () => Promise.reject(new Failed({ code: 'unavailable', detail, retryAfterMs: 10_000 }, name)),
    close: () => Promise.resolve(),
  };
}

/** Equal for specifications that ask for the same backend: whatever goes into it is part of it, bytes by their digest. */
function fingerprint(plugin: Plugin, spec: BackendSpec): string {
  const plain = (_key: string, value: unknown): unknown => (value instanceof Map ? [...value.entries()].sort() : value);
  return createHash('sha256')
    .update(JSON.stringify([plugin.limits, spec], plain))
    .digest('hex');
}
