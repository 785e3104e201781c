// What the gateway adds to a call inside its own process: the decision, the counting, and the whole way of a call.
import { own } from '../src/control/lease.js';
import { Deadlines } from '../src/dispatch/deadline.js';
import { createDispatcher } from '../src/dispatch/dispatcher.js';
import { queued } from '../src/dispatch/queue.js';
import type { Backend, BackendName } from '../src/domain/backend.js';
import { choose } from '../src/domain/choose.js';
import type { Dispatcher } from '../src/domain/dispatch.js';
import type { Generation, LiveFunction } from '../src/domain/generation.js';
import type { Plugin, WasmSpec } from '../src/domain/plugin.js';
import type { RouteInForce } from '../src/domain/route.js';
import type { Stage } from '../src/domain/stage.js';
import { functionOf } from '../src/registry/function-of.js';
import { pluginFunction } from '../src/schema/manifest.js';
import { createMetrics } from '../src/telemetry/metrics.js';
import { describeMachine, machineLine } from './support/machine.js';
import { median } from './support/median.js';
import { readOptions } from './support/options.js';
import { keepResults } from './support/results.js';
import { tableLines } from './support/table.js';
import { targetText, verdict } from './support/target.js';
import type { Target } from './support/target.js';

const CALLS_A_BATCH = 4_096;
/** Calls that each of the two backends takes at once; with four times as many on their way, half of them queue. */
const WINDOW = 16;

const CANARY: Stage = { stage: 'canary', percent: 50, sample: 0, allow: ['tenant-a'], fallback: false };
const WASM: Stage = { stage: 'wasm', sample: 0, fallback: false };
const INPUT = Buffer.alloc(120, 'a');
const KEYS = Array.from({ length: 1_024 }, (_, index) => `tenant-${index}`);

interface Figure {
  readonly name: string;
  /** Median over the batches, microseconds a call. */
  readonly microseconds: number;
  readonly target: Target | null;
}

const options = readOptions();
const batches = options.quick ? 20 : 300;
const metrics = createMetrics({ version: 'bench' });

function routeOf(stage: Stage): RouteInForce {
  const allowed = new Set(stage.stage === 'canary' ? stage.allow : []);
  return {
    plugin: 'vowels',
    function: 'count',
    own: true,
    stage,
    effective: stage,
    allowed,
    tripped: null,
    revision: 1,
  };
}

function decideAndCount(stage: Stage, keys: readonly string[] | null): () => void {
  const route = routeOf(stage);
  return () => {
    for (let call = 0; call < CALLS_A_BATCH; call++) {
      const key = keys?.[call % keys.length] ?? null;
      const { backend } = choose(route, { key, forced: null, random: Math.random });
      const callMs = (call & 1023) / 256;
      metrics.observe({
        plugin: 'vowels',
        function: 'count',
        backend,
        role: 'primary',
        outcome: 'ok',
        queueMs: callMs / 16,
        again: false,
        hadItsTime: true,
        callMs,
      });
    }
  };
}

/** The real dispatcher, queue, leases and deadlines; backends that answer at once. */
function dispatcherFor(stage: Stage): Dispatcher {
  const spec: WasmSpec = {
    kind: 'wasm',
    plugin: 'vowels',
    version: '1.0.0',
    module: { path: '/vowels.wasm', sha256: '' },
    functions: new Map([['count', 'count']]),
    link: new Map(),
    memory: 2 ** 26,
    instance: 'reuse',
    config: new Map(),
    hosts: [],
    paths: new Map(),
    calls: [],
    isolation: 'thread',
    containment: 'preferred',
    outputLimit: 2 ** 24,
  };
  const output = Buffer.from('{"count":30}');
  const live = (name: BackendName) => {
    const backend: Backend = {
      window: { size: WINDOW },
      call: () => Promise.resolve({ output }),
      close: () => Promise.resolve(),
    };
    const state = () => ({ state: 'ready', pids: [] }) as const;
    return own({ name, spec, fingerprint: name, backend: queued(backend, { name, limit: 1_000 }), state });
  };
  const count = functionOf('count', pluginFunction.parse({ effects: 'pure', timeout: '1s' }));
  const plugin: Plugin = {
    name: 'vowels',
    version: '1.0.0',
    digest: '',
    functions: new Map([['count', count]]),
    limits: { queue: 1_000, output: 2 ** 24 },
    backends: { legacy: null, wasm: spec },
  };
  const sides = { legacy: live('legacy'), wasm: live('wasm') };
  const route = routeOf(stage);
  const liveFunction: LiveFunction = { plugin: 'vowels', spec: count, route, ...sides };
  const functions = new Map([['count', liveFunction]]);
  const generation: Generation = {
    revision: 1,
    routes: [],
    plugins: new Map([['vowels', { plugin, route, functions, ...sides }]]),
    disabled: new Map(),
  };
  return createDispatcher({
    current: () => generation,
    deadlines: new Deadlines(),
    observe: (observation) => metrics.observe(observation),
    onDefect: (defect) => {
      throw defect;
    },
  });
}

function wholeWay(dispatcher: Dispatcher, concurrent: number): () => Promise<void> {
  const dispatch = (call: number) =>
    dispatcher.dispatch({
      plugin: 'vowels',
      function: 'count',
      input: INPUT,
      receivedAt: performance.now(),
      requestId: 'bench',
      key: KEYS[call % KEYS.length] ?? null,
      forced: null,
    }).answer;
  return async () => {
    for (let call = 0; call < CALLS_A_BATCH; call += concurrent) {
      if (concurrent === 1) await dispatch(call);
      else await Promise.all(Array.from({ length: concurrent }, (_, index) => dispatch(call + index)));
    }
  };
}

async function measure(name: string, batch: () => void | Promise<void>, target: Target | null = null): Promise<Figure> {
  const perCall: number[] = [];
  for (let at = -batches / 10; at < batches; at++) {
    const from = process.hrtime.bigint();
    await batch();
    const microseconds = Number(process.hrtime.bigint() - from) / 1_000 / CALLS_A_BATCH;
    // The first tenth warms the compiler up.
    if (at >= 0) perCall.push(microseconds);
  }
  return { name, microseconds: median(perCall), target };
}

const machine = describeMachine();
console.log(machineLine(machine));
console.log(`medians of ${batches} batches of ${CALLS_A_BATCH} calls\n`);
const atMost: Target = { bound: 'at most', value: 1.5 };
const canary = dispatcherFor(CANARY);
const figures = [
  await measure('choose + observe, canary with keys', decideAndCount(CANARY, KEYS), atMost),
  await measure('choose + observe, canary without a key', decideAndCount(CANARY, null), atMost),
  await measure('choose + observe, wasm', decideAndCount(WASM, null), atMost),
  await measure('dispatch, one call at a time', wholeWay(canary, 1)),
  await measure(`dispatch, ${4 * WINDOW} calls at once, half of them queueing`, wholeWay(canary, 4 * WINDOW)),
];
const rows = figures.map(({ name, microseconds, target }) => [
  name,
  microseconds.toFixed(2),
  target === null ? '' : targetText(target),
  target === null ? '' : verdict(microseconds, target),
]);
for (const line of tableLines(['', 'µs a call', 'target', ''], rows)) console.log(line);
await keepResults('dispatch', machine, { batches, callsABatch: CALLS_A_BATCH, figures });
