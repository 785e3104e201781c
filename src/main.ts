import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { openNative } from '../adapters/native/open.js';
import { containedProcesses } from '../adapters/native/contained.js';
import { openWasm } from '../adapters/wasm/open.js';
import { openInProcesses } from '../adapters/wasm/process/parent/open.js';
import { answerHostCalls } from '../adapters/wasm/parent/host-calls.js';
import { startLanes } from '../adapters/wasm/parent/lanes.js';
import { createComparer } from './comparison/comparer.js';
import { redacted } from './comparison/redact.js';
import { createControl } from './control/control.js';
import type { Discovered } from './control/options.js';
import { openFileStore } from './control/stores/file.js';
import { nestedBy } from './dispatch/nested.js';
import { queued } from './dispatch/queue.js';
import type { Backend, BackendName, Report } from './domain/backend.js';
import type { TryComparer } from './domain/compare.js';
import type { Configuration } from './domain/configuration.js';
import { Rejected } from './domain/control.js';
import { DEFAULT_GATES } from './domain/evidence.js';
import { Misconfigured, rejectedFor } from './domain/misconfigured.js';
import type { GatewayEvent } from './domain/event.js';
import type { BackendSpec, Plugin } from './domain/plugin.js';
import { openEvidence } from './evidence/book.js';
import { openJournal } from './evidence/journal/journal.js';
import { createAdmin } from './http/admin/create-admin.js';
import { createDataListener } from './http/data/listener.js';
import { listen } from './http/listen.js';
import { stopListening } from './http/stop-listening.js';
import { wireMigration } from './migration.js';
import { discover } from './registry/discover.js';
import { locate } from './registry/locate.js';
import { readConfiguration } from './registry/read-configuration.js';
import { frozenPartsChanged } from './registry/frozen-parts.js';
import { createRollouts } from './rollout/controller.js';
import { backendReport } from './telemetry/backend-report.js';
import { createEvents } from './telemetry/events.js';
import { createLog } from './telemetry/log.js';
import { createMetrics } from './telemetry/metrics.js';

interface ServeOptions {
  /** The path of `banyan.yaml`. */
  readonly config: string;
}

/** Where a running gateway is reached, and how it is stopped. */
export interface Gateway {
  readonly data: string;
  readonly admin: string;
  readonly plugins: readonly Plugin[];
}

/**
 * The composition root of `serve`: resolves once both listeners serve; from then on signals rule. SIGHUP reloads,
 * SIGTERM and SIGINT stop. Rejects with an error whose message says what to do.
 */
export async function serve({ config }: ServeOptions): Promise<Gateway> {
  // What a call makes dies with it. V8 would guess otherwise by the first calls, which pile up on cold code (ADR 30).
  setFlagsFromString('--no-allocation-site-pretenuring');
  const configuration = await readConfiguration(config);
  const log = createLog({ level: process.env['BANYAN_LOG_LEVEL'] });
  const metrics = createMetrics({ version: version() });
  const events = createEvents();
  const store = await openFileStore(configuration.store.path);
  const evidence = await openEvidence({
    folder: join(configuration.store.path, 'evidence'),
    now: Date.now,
    warn: (message) => log.warn(message),
  });
  const journal = await openJournal({
    folder: join(configuration.store.path, 'mismatches'),
    redact: redacted,
    warn: (message) => log.warn(message),
  });
  metrics.useSamplesLost(() => journal.lost());
  const comparer = createComparer();
  const openLibrary = openNative({ libraryRoots: configuration.libraryRoots, inProcess: configuration.inProcess });
  // Nothing is called before there is a dispatcher.
  const answer = answerHostCalls((target, input, caller) => callNested(target, input, caller));
  const lanes = startLanes({ lanes: configuration.lanes, answer });
  const openModule = openWasm(
    lanes.open,
    openInProcesses({ contained: containedProcesses(), lanes: configuration.lanes, answer }),
  );
  let stage: 'starting' | 'ready' | 'draining' = 'starting';

  function tell(event: GatewayEvent): void {
    events.publish(event);
    rollouts.notice(event);
  }

  async function open(plugin: Plugin, name: BackendName, spec: BackendSpec, report: Report): Promise<Backend> {
    const backend = spec.kind === 'native' ? await openLibrary(spec, report) : await openModule(spec, report);
    return queued(backend, { name, limit: plugin.limits.queue });
  }

  const control = createControl({
    store,
    open,
    discover: () => discoverAgain(configuration, comparer.tryModule),
    reportFor: (plugin, backend) => backendReport({ log, metrics, plugin, backend }),
    locate: (plugin, pointer, message) =>
      locate(join(configuration.plugins, plugin, 'plugin.yaml'), { pointer, message }),
    evidence: {
      verdicts: (live) => evidence.gates(live, DEFAULT_GATES),
      proof: (live, rule) => evidence.proof(live, rule),
    },
    onFlip: (result) => metrics.countFlip(result),
    onApply: (success) => metrics.noteApply(success),
    onEvent: tell,
  });
  const rollouts = createRollouts({
    control,
    evidence,
    aside: store.aside('rollouts'),
    onEvent: events.publish,
    log,
  });
  metrics.useGeneration(() => control.current());

  const admin = createAdmin({
    control,
    rollouts,
    events,
    evidence,
    mismatches: journal,
    readiness: () => stage,
    metrics: (accept) => metrics.render(accept),
    countRequest: (status) => metrics.countHttp('admin', status),
    hosts: configuration.admin.hosts,
    log,
  });
  const migration = wireMigration({ control, compare: comparer.compare, evidence, journal, metrics, events, log });
  const { dispatcher } = migration;
  const callNested = nestedBy(dispatcher);
  const data = createDataListener({
    dispatcher,
    bodyLimit: configuration.data.limits.body,
    allowOverride: configuration.data.allowOverride,
    expose: configuration.data.expose,
    countRequest: (status) => metrics.countHttp('data', status),
    draining: () => stage === 'draining',
  });

  async function close(): Promise<void> {
    await rollouts.close();
    await migration.close();
    await control.close();
    await comparer.close();
    await lanes.close();
    await evidence.close();
    await journal.close();
    await store.close();
  }

  async function stop(delayMs: number): Promise<void> {
    stage = 'draining';
    log.info('draining');
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    const outcome = await stopListening(data, configuration.shutdown.graceMs);
    if (outcome === 'cut off') log.warn('calls were cut off when the grace period ended');
    events.close();
    // Before the store is given back: whoever is answered that a flip was made must find it there.
    await stopListening(admin, 1_000);
    await close();
    log.info('stopped');
    process.exit(0);
  }

  // From the start: a supervisor may change its mind at any moment, and as PID 1 a signal without a handler is lost.
  process.on('SIGTERM', () => {
    if (stage === 'starting') process.exit(0);
    if (stage === 'ready') void stop(configuration.shutdown.delayMs);
  });
  process.on('SIGINT', () => {
    // Who asks twice does not want to wait; the kernel ends the children with their parent.
    if (stage !== 'ready') process.exit(130);
    void stop(0);
  });
  process.on('SIGHUP', () => {
    if (stage !== 'ready') return;
    control.reload({ by: 'SIGHUP', comment: null }).then(
      (reloaded) => log.info({ reloaded }, 'reloaded'),
      (error: unknown) => {
        const why = error instanceof Rejected ? error.rejection : { err: error };
        log.error(why, 'reload refused, nothing has changed');
      },
    );
  });

  try {
    const adminUrl = await listen(admin, configuration.admin.listen);
    await control.load();
    await rollouts.load();
    const dataUrl = await listen(data, configuration.data.listen);
    stage = 'ready';
    const plugins = [...control.current().plugins.values()].map((live) => live.plugin);
    log.info({ data: dataUrl, admin: adminUrl, plugins: plugins.length }, 'serving');
    return { data: dataUrl, admin: adminUrl, plugins };
  } catch (error) {
    admin.close();
    await close();
    throw error;
  }
}

/** The files as they are now. What a running process cannot change must be as it was. */
async function discoverAgain(running: Configuration, tryComparer: TryComparer): Promise<Discovered> {
  try {
    const now = await readConfiguration(running.file);
    const problems = await frozenPartsChanged(running, now);
    if (problems.length > 0) throw new Misconfigured(problems);
    return await discover(now, tryComparer);
  } catch (error) {
    if (!(error instanceof Misconfigured)) throw error;
    throw rejectedFor(error.problems, { cause: error });
  }
}

function version(): string {
  // dist/src/main.js lies two folders below the package.
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
