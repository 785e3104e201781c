import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControl, type OwnedControl } from '#src/control/control.js';
import type { Discovered } from '#src/control/options.js';
import { openFileStore } from '#src/control/stores/file.js';
import type { Store } from '#src/control/stores/store.js';
import type { Report } from '#src/domain/backend.js';
import type { Author, Flip } from '#src/domain/control.js';
import type { GatewayEvent } from '#src/domain/event.js';
import type { LiveFunction } from '#src/domain/generation.js';
import type { Rollout, RolloutState } from '#src/domain/rollout.js';
import type { Plugin } from '#src/domain/plugin.js';
import type { Stage } from '#src/domain/stage.js';
import { createRollouts, type OwnedRollouts } from '#src/rollout/controller.js';
import { plugin } from '../control/plugins.js';
import { scriptedBackend } from '../scripted-backend.js';
import { scriptedClock, type ScriptedClock } from './scripted-clock.js';
import { scriptedEvidence, type ScriptedEvidence } from './scripted-evidence.js';

export const OPERATOR: Author = { by: 'ann', comment: null };

/** The real control over a real store, and rollouts on a clock and on evidence that the test scripts. */
export interface Bench {
  readonly folder: string;
  readonly evidence: ScriptedEvidence;
  readonly clock: ScriptedClock;
  readonly events: GatewayEvent[];
  readonly logged: string[];
  readonly reports: Map<string, Report>;
  /** What the next reload finds. */
  found: Discovered;
  /** What comes between what a rollout keeps and the disk. */
  beforeWrite: () => Promise<void>;
  control: OwnedControl;
  rollouts: OwnedRollouts;
  store: Store;
  /** Lets time pass, and the clock strike; resolves when whatever comes of it is done. */
  pass(ms: number): Promise<void>;
  /** Stops as SIGTERM does, and starts again. */
  restart(): Promise<void>;
  /** The same as a process that is killed: nothing more is written. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
  live(plugin: string, functionName: string): LiveFunction;
  set(plugin: string, functionName: string | null, stage: Stage, given?: Partial<Flip>): Promise<unknown>;
  state(plugin: string, functionName?: string | null): Promise<RolloutState>;
}

export async function openBench(...plugins: readonly Plugin[]): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-rollout-'));
  const clock = scriptedClock();
  const bench = {
    folder,
    clock,
    evidence: scriptedEvidence(),
    events: [] as GatewayEvent[],
    logged: [] as string[],
    reports: new Map<string, Report>(),
    found: find(...(plugins.length === 0 ? [pricing()] : plugins)),
    beforeWrite: () => Promise.resolve(),
  };
  const started = { ...(await start(bench)) };
  const all: Bench = Object.assign(bench, started, {
    async pass(ms: number) {
      clock.pass(ms);
      await all.rollouts.all();
    },
    async restart() {
      await all.rollouts.close();
      await all.kill();
    },
    async kill() {
      clock.silence();
      await all.control.close();
      await all.store.close();
      await all.start();
    },
    async start() {
      Object.assign(all, await start(bench));
    },
    async close() {
      await all.rollouts.close();
      await all.control.close();
      await all.store.close();
      await rm(folder, { recursive: true, force: true });
    },
    live: (name: string, functionName: string) => all.control.current().plugins.get(name)!.functions.get(functionName)!,
    set: (name: string, functionName: string | null, stage: Stage, given: Partial<Flip> = {}) =>
      all.control.flip({
        edits: [{ plugin: name, function: functionName, stage, cascade: false }],
        scope: 'route',
        precondition: '*',
        dryRun: false,
        author: OPERATOR,
        ...given,
      }),
    state: async (name: string, functionName: string | null = null): Promise<RolloutState> =>
      (await all.rollouts.get({ plugin: name, function: functionName })).state,
  });
  return all;
}

type Started = Pick<Bench, 'control' | 'rollouts' | 'store'>;

async function start(
  bench: Pick<Bench, 'folder' | 'clock' | 'evidence' | 'events' | 'logged' | 'reports' | 'found' | 'beforeWrite'>,
): Promise<Started> {
  const store = await openFileStore(bench.folder);
  const control = createControl({
    store,
    discover: () => Promise.resolve(bench.found),
    open: (of, name, _spec, report) => {
      bench.reports.set(`${of.name}/${name}`, report);
      return Promise.resolve(scriptedBackend({ size: 8 }));
    },
    reportFor: () => () => undefined,
    locate: (name, pointer, message) =>
      Promise.resolve({ file: `${name}/plugin.yaml`, line: 1, column: 1, path: pointer, message }),
    evidence: { verdicts: () => [], proof: () => [] },
    onFlip: () => undefined,
    onApply: () => undefined,
    onEvent(event) {
      bench.events.push(event);
      rollouts.notice(event);
    },
    now: () => new Date(bench.clock.now()),
  });
  const aside = store.aside('rollouts');
  const rollouts = createRollouts({
    control,
    evidence: bench.evidence,
    aside: { read: () => aside.read(), write: (content) => bench.beforeWrite().then(() => aside.write(content)) },
    now: bench.clock.now,
    steady: bench.clock.steady,
    every: bench.clock.every,
    onEvent: (event) => bench.events.push(event),
    log: {
      info: (_fields, message) => bench.logged.push(message),
      error: (_fields, message) => bench.logged.push(message),
    },
  });
  try {
    await control.load();
    await rollouts.load();
    return { store, control, rollouts };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** `quote` and `tax` may run twice, `order` may not. */
export function pricing(build = 'w1'): Plugin {
  return plugin('pricing', { functions: { quote: 'pure', tax: 'pure', order: 'unsafe' }, wasm: build });
}

export function find(...plugins: readonly Plugin[]): Discovered {
  return { plugins: new Map(plugins.map((each) => [each.name, each])), disabled: new Map() };
}

/** The states that were told of, in order. */
export function statesIn(events: readonly GatewayEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'rollout' ? [placeOf(event.rollout)] : []));
}

export function placeOf({ state }: Rollout): string {
  return state.state === 'completed' ? state.state : `${state.state} ${state.step}`;
}
