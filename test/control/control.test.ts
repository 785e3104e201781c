import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createControl } from '#src/control/control.js';
import type { OwnedControl } from '#src/control/control.js';
import type { Discovered } from '#src/control/options.js';
import { openFileStore } from '#src/control/stores/file.js';
import { StoreUnavailable, type Store } from '#src/control/stores/store.js';
import { Refused } from '#src/domain/backend.js';
import type { Report } from '#src/domain/backend.js';
import type { BackendSpec, Plugin } from '#src/domain/plugin.js';
import type { Flip, RouteEdit } from '#src/domain/control.js';
import type { GatewayEvent } from '#src/domain/event.js';
import type { LiveBackend } from '#src/domain/generation.js';
import type { Stage } from '#src/domain/stage.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, scriptedBackend, settled } from '../scripted-backend.js';
import type { ScriptedBackend } from '../scripted-backend.js';
import { tripped } from '../trips.js';
import { plugin } from './plugins.js';

let folder: string;
let store: Store;
let control: OwnedControl;
let found: Discovered;
/** Every backend that was ever opened, by the digest of its artefact, newest last. */
let opened: { readonly sha256: string; readonly backend: ScriptedBackend; readonly report: Report }[];
let flips: string[];
let events: GatewayEvent[];
let broken: Set<string>;
/** What the evidence says is missing. */
let missing: string[];
/** Opening waits for it. */
let gate: Promise<void> | undefined;
/** What comes between the trips that control keeps and the disk. */
let beforeTripsWrite: () => Promise<void>;
/** So long the first generation waits while no backend gets open. */
let patienceMs: number | undefined;

const digest = (spec: BackendSpec): string => (spec.kind === 'native' ? spec.library.sha256 : spec.module.sha256);
const find = (...plugins: Plugin[]): Discovered => ({
  plugins: new Map(plugins.map((each) => [each.name, each])),
  disabled: new Map(),
});

async function start(): Promise<void> {
  store = await openFileStore(folder);
  control = createControl({
    store: {
      ...store,
      aside(name) {
        const aside = store.aside(name);
        return { ...aside, write: (content) => beforeTripsWrite().then(() => aside.write(content)) };
      },
    },
    discover: () => Promise.resolve(found),
    open: async (_plugin, _name, spec, report) => {
      await gate;
      if (broken.has(digest(spec))) {
        throw new Refused([{ pointer: '/backends/wasm/module', message: 'it is no module' }]);
      }
      const backend = scriptedBackend({ size: 8 });
      opened.push({ sha256: digest(spec), backend, report });
      return backend;
    },
    reportFor: () => () => undefined,
    locate: (name, pointer, message) =>
      Promise.resolve({ file: `${name}/plugin.yaml`, line: 1, column: 1, path: pointer, message }),
    evidence: {
      verdicts: () => [
        {
          gate: 'mismatches',
          verdict: 'pass',
          estimate: 0,
          lower: 0,
          upper: 0.1,
          limit: 0.1,
          samples: 3000,
          detail: '',
        },
      ],
      proof: () => missing,
    },
    onFlip: (result) => flips.push(result),
    onApply: () => undefined,
    onEvent: (event) => events.push(event),
    ...(patienceMs === undefined ? {} : { patienceMs }),
    now: () => new Date('2026-11-22T10:00:00Z'),
  });
  await control.load();
}

beforeEach(async () => {
  beforeTripsWrite = () => Promise.resolve();
  folder = await mkdtemp(join(tmpdir(), 'banyan-control-'));
  opened = [];
  flips = [];
  events = [];
  broken = new Set();
  missing = [];
  gate = undefined;
  patienceMs = undefined;
  found = find(
    plugin('pricing', { functions: { quote: 'pure', order: 'unsafe' } }),
    plugin('vowels'),
    plugin('fresh', { legacy: null }),
  );
  await start();
});
afterEach(async () => {
  await control.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const wasm: Stage = { stage: 'wasm', sample: 0, fallback: false };
const canary = (percent: number, allow: readonly string[] = []): Stage => ({
  stage: 'canary',
  percent,
  sample: 0,
  allow,
  fallback: false,
});
const edit = (plugin: string, functionName: string | null, stage: Stage | null, cascade = false): RouteEdit => ({
  plugin,
  function: functionName,
  stage,
  cascade,
});
const flip = (edits: RouteEdit | RouteEdit[], more: Partial<Flip> = {}): Parameters<OwnedControl['flip']>[0] => ({
  edits: Array.isArray(edits) ? edits : [edits],
  scope: Array.isArray(edits) ? 'all' : 'route',
  precondition: '*',
  dryRun: false,
  author: { by: 'test', comment: null },
  ...more,
});
const stageOf = (name: string, functionName: string): string =>
  control.current().plugins.get(name)!.functions.get(functionName)!.route.stage.stage;

describe('flips', () => {
  it('start a plugin without a stored route in legacy, or in wasm where that is all it has', () => {
    expect(stageOf('pricing', 'quote')).toBe('legacy');
    expect(stageOf('fresh', 'quote')).toBe('wasm');
  });

  it('are durable when they are answered, and in force', async () => {
    const answer = await control.flip(flip(edit('pricing', 'quote', canary(5))));
    expect(answer).toMatchObject({ revision: 1, routes: [{ own: true, stage: { percent: 5 }, revision: 1 }] });
    expect(store.newest()).toMatchObject({ revision: 1, by: 'test', routes: [{ stage: { percent: 5 } }] });
    expect(stageOf('pricing', 'quote')).toBe('canary');
    expect(stageOf('pricing', 'order')).toBe('legacy');
    await control.close();
    await store.close();
    await start();
    expect(stageOf('pricing', 'quote')).toBe('canary');
  });

  it('of a plugin hold for its functions, except those with a route of their own', async () => {
    await control.flip(flip(edit('pricing', 'order', { stage: 'legacy' })));
    const answer = await control.flip(flip(edit('pricing', null, wasm)));
    expect(answer.warnings).toEqual([
      'pricing/order stays in legacy: routes of their own are not changed by this; cascade would drop them',
    ]);
    expect([stageOf('pricing', 'quote'), stageOf('pricing', 'order')]).toEqual(['wasm', 'legacy']);
    await control.flip(flip(edit('pricing', null, wasm, true)));
    expect(stageOf('pricing', 'order')).toBe('wasm');
  });

  it('of many routes make one revision, all or nothing', async () => {
    await control.flip(flip([edit('pricing', null, wasm), edit('vowels', null, wasm)]));
    expect(store.newest().revision).toBe(1);
    const bad = control.flip(
      flip([edit('vowels', null, { stage: 'legacy' }), edit('fresh', null, { stage: 'legacy' })]),
    );
    await expect(bad).rejects.toMatchObject({
      rejection: { code: 'invalid', errors: [{ pointer: '/routes/1/stage/stage' }] },
    });
    expect(stageOf('vowels', 'quote')).toBe('wasm');
    expect(store.newest().revision).toBe(1);
  });

  it('that are tried dry change nothing and answer what they would', async () => {
    const answer = await control.flip(flip(edit('pricing', 'quote', wasm), { dryRun: true }));
    expect(answer.routes[0]!.stage).toEqual(wasm);
    expect(control.current().revision).toBe(0);
    expect(stageOf('pricing', 'quote')).toBe('legacy');
    expect(flips).toEqual([]);
  });

  it('need to know what they change: a stale revision is refused', async () => {
    await control.flip(flip(edit('pricing', 'quote', wasm), { precondition: [0] }));
    const stale = control.flip(flip(edit('pricing', 'quote', canary(1)), { precondition: [0] }));
    await expect(stale).rejects.toMatchObject({ rejection: { code: 'precondition-failed', revision: 1 } });
    // Another route's flip does not make this one stale.
    await control.flip(flip(edit('vowels', null, wasm)));
    await control.flip(flip(edit('pricing', 'quote', canary(1)), { precondition: [1] }));
    expect(flips).toEqual(['accepted', 'precondition-failed', 'accepted', 'accepted']);
  });

  it('that come together are made one after the other: of two that know the same revision one is refused', async () => {
    const both = await Promise.allSettled([
      control.flip(flip(edit('pricing', 'quote', wasm), { precondition: [0] })),
      control.flip(flip(edit('pricing', 'quote', canary(1)), { precondition: [0] })),
    ]);
    expect(both.map((each) => each.status)).toEqual(['fulfilled', 'rejected']);
  });

  it('never give an ETag out twice: a route that was dropped has the revision of the drop', async () => {
    await control.flip(flip(edit('pricing', 'quote', wasm)));
    const dropped = await control.flip(flip(edit('pricing', 'quote', null)));
    expect(dropped.routes[0]).toMatchObject({ own: false, stage: { stage: 'legacy' }, revision: 2 });
  });

  it.each<[string, RouteEdit, string]>([
    ['an unknown plugin', edit('nope', null, wasm), 'unknown-plugin'],
    ['an unknown function', edit('pricing', 'nope', wasm), 'unknown-function'],
    ['a stage without its backend', edit('fresh', null, canary(5)), 'invalid'],
    ['a sample of an unsafe function', edit('pricing', 'order', { stage: 'shadow', sample: 5 }), 'invalid'],
    ['a fallback of an unsafe function', edit('pricing', 'order', { ...wasm, fallback: true }), 'invalid'],
  ])('refuse %s', async (_what, wish, code) => {
    await expect(control.flip(flip(wish))).rejects.toMatchObject({ rejection: { code } });
    expect(store.newest().revision).toBe(0);
  });

  it('with a sample on a plugin name the functions that are left out', async () => {
    const { warnings } = await control.flip(flip(edit('pricing', null, { stage: 'shadow', sample: 5 })));
    expect(warnings[0]).toMatch(/sample leaves out order/);
  });

  it('to a backend that does not run are warned of', async () => {
    broken.add('w9');
    found = find(plugin('pricing', { wasm: 'w9' }));
    await control.close();
    await store.close();
    await start();
    const { warnings } = await control.flip(flip(edit('pricing', 'quote', wasm)));
    expect(warnings).toEqual([
      'the wasm backend of pricing is refused: its calls will not be answered until it is ready',
    ]);
  });

  it('that drop a route which is not there make no revision', async () => {
    await control.flip(flip(edit('pricing', 'quote', null)));
    expect(store.newest().revision).toBe(0);
  });

  it('that cannot be stored change nothing', async () => {
    await rm(join(folder, 'revisions'), { recursive: true });
    await expect(control.flip(flip(edit('pricing', 'quote', wasm)))).rejects.toMatchObject({
      rejection: { code: 'store-unavailable' },
    });
    expect(stageOf('pricing', 'quote')).toBe('legacy');
    expect(control.current().revision).toBe(0);
  });
});

describe('rollback', () => {
  const back = (more: object = {}): Parameters<OwnedControl['rollback']>[0] => ({
    revision: null,
    plugin: null,
    function: null,
    precondition: '*',
    author: { by: 'test', comment: null },
    ...more,
  });
  beforeEach(async () => {
    await control.flip(flip(edit('pricing', 'quote', canary(5))));
    await control.flip(flip(edit('vowels', null, wasm)));
    await control.flip(flip(edit('pricing', 'quote', canary(25))));
  });

  it('makes the revision before the newest the newest', async () => {
    await control.rollback(back());
    expect(control.current()).toMatchObject({ revision: 4 });
    expect(control.current().plugins.get('pricing')!.functions.get('quote')!.route.stage).toEqual(canary(5));
    expect(stageOf('vowels', 'quote')).toBe('wasm');
    expect((await control.history(1))[0]).toMatchObject({ revision: 4, comment: 'rollback to revision 2' });
  });

  it('goes back to a revision by its number, 0 being the start', async () => {
    await control.rollback(back({ revision: 0 }));
    expect([stageOf('pricing', 'quote'), stageOf('vowels', 'quote')]).toEqual(['legacy', 'legacy']);
  });

  it('of one plugin leaves the others as they are', async () => {
    await control.rollback(back({ revision: 0, plugin: 'pricing' }));
    expect([stageOf('pricing', 'quote'), stageOf('vowels', 'quote')]).toEqual(['legacy', 'wasm']);
  });

  it.each([
    [back({ revision: 99 }), 'not-found'],
    [back({ plugin: 'nope' }), 'unknown-plugin'],
    [back({ precondition: [1] }), 'precondition-failed'],
  ])('refuses what cannot be (%#)', async (request, code) => {
    await expect(control.rollback(request)).rejects.toMatchObject({ rejection: { code } });
  });

  it('is told in the history like every change, newest first', async () => {
    expect(await control.history(2)).toEqual([
      {
        revision: 3,
        at: '2026-11-22T10:00:00.000Z',
        by: 'test',
        comment: null,
        changes: [{ plugin: 'pricing', function: 'quote', from: canary(5), to: canary(25) }],
      },
      expect.objectContaining({ revision: 2, changes: [{ plugin: 'vowels', function: null, from: null, to: wasm }] }),
    ]);
  });
});

describe('reload', () => {
  const reload = (): ReturnType<OwnedControl['reload']> => control.reload({ by: 'test', comment: null });
  const backendOf = (name: string, side: 'legacy' | 'wasm') => control.current().plugins.get(name)![side];

  it('touches nothing that has not changed, and keeps the revision', async () => {
    const before = control.current();
    expect(await reload()).toEqual({
      revision: 0,
      added: [],
      changed: [],
      removed: [],
      unchanged: ['pricing', 'vowels', 'fresh'],
    });
    expect(opened).toHaveLength(5);
    expect(backendOf('pricing', 'wasm')).toBe(before.plugins.get('pricing')!.wasm);
  });

  it('builds only the backend that changed, and closes the old one when its last call has ended', async () => {
    const [native, module] = [backendOf('pricing', 'legacy'), backendOf('pricing', 'wasm')!];
    module.acquire();
    found = find(plugin('pricing', { functions: { quote: 'pure', order: 'unsafe' }, wasm: 'w2' }), plugin('new'));
    expect(await reload()).toMatchObject({ added: ['new'], changed: ['pricing'], removed: ['vowels', 'fresh'] });
    expect(backendOf('pricing', 'legacy')).toBe(native);
    expect(backendOf('pricing', 'wasm')).not.toBe(module);
    await settled();
    const old = opened.find((each) => each.backend === module.backend)!;
    expect(old.backend.closed()).toBe(false);
    module.release();
    await settled();
    expect(old.backend.closed()).toBe(true);
  });

  it('changes nothing when a backend is refused, says where, and closes what it had built', async () => {
    const before = control.current();
    broken.add('w2');
    found = find(plugin('pricing', { legacy: 'l2', wasm: 'w2' }), plugin('vowels'), plugin('fresh', { legacy: null }));
    await expect(reload()).rejects.toMatchObject({
      rejection: { code: 'invalid', problems: [{ file: 'pricing/plugin.yaml', message: 'it is no module' }] },
    });
    expect(control.current()).toBe(before);
    expect(opened.at(-1)!.sha256).toBe('l2');
    expect(opened.at(-1)!.backend.closed()).toBe(true);
  });

  it('that takes its time holds up no flip', async () => {
    let open = (): void => undefined;
    gate = new Promise((resolve) => (open = resolve));
    found = find(plugin('pricing', { wasm: 'w2' }), plugin('vowels'), plugin('fresh', { legacy: null }));
    const reloading = reload();
    await control.flip(flip(edit('pricing', 'quote', canary(5))));
    expect(backendOf('pricing', 'wasm')!.sha256).toBe('w1');
    open();
    expect(await reloading).toMatchObject({ revision: 1, changed: ['pricing'] });
    expect(backendOf('pricing', 'wasm')!.sha256).toBe('w2');
    expect(stageOf('pricing', 'quote')).toBe('canary');
  });

  it('changes nothing when a plugin is disabled by a mistake', async () => {
    const before = control.current();
    const problem = { file: 'pricing/plugin.yaml', line: 3, column: 1, path: 'functions', message: 'missing' };
    found = { ...found, disabled: new Map([['pricing', { name: 'pricing', problems: [problem] }]]) };
    await expect(reload()).rejects.toMatchObject({ rejection: { problems: [problem] } });
    expect(control.current()).toBe(before);
  });

  it('refuses plugins that could not follow their routes any more', async () => {
    await control.flip(flip(edit('vowels', null, wasm)));
    found = find(plugin('vowels', { wasm: null }));
    await expect(reload()).rejects.toThrow(/nothing was changed/);
    expect(stageOf('vowels', 'quote')).toBe('wasm');
  });
});

it('a backend that is refused at the start leaves its plugin with the other side, and every call of it says why', async () => {
  await control.close();
  await store.close();
  broken.add('w1');
  await start();
  const live = control.current().plugins.get('pricing')!;
  expect(live.wasm!.state()).toMatchObject({ state: 'refused' });
  expect(live.legacy!.state()).toMatchObject({ state: 'ready' });
  await expect(live.wasm!.backend.call(null as never)).rejects.toMatchObject({
    failure: { code: 'unavailable', detail: expect.stringContaining('it is no module') as string },
  });
});

describe('a backend that takes longer to open than the start waits', () => {
  let open: () => void;
  beforeEach(async () => {
    await control.close();
    await store.close();
    gate = new Promise((resolve) => (open = resolve));
    patienceMs = 1;
    opened = [];
    events = [];
    await start();
  });
  const live = (): LiveBackend => control.current().plugins.get('pricing')!.wasm!;

  it('is loading, and its calls are unavailable until it is open: then it answers', async () => {
    expect(live().state()).toEqual({ state: 'loading' });
    await expect(live().backend.call(call())).rejects.toMatchObject({
      failure: { code: 'unavailable', detail: 'the wasm backend is still being opened' },
    });
    open();
    await settled();
    expect(live().state()).toMatchObject({ state: 'ready' });
    const reply = live().backend.call(call());
    opened.find(({ sha256 }) => sha256 === 'w1')!.backend.held[0]!.reply('here');
    expect(Buffer.from((await reply).output).toString()).toBe('here');
    const told = events.flatMap((event) =>
      event.type === 'backend' && event.plugin === 'pricing' && event.backend === 'wasm' ? [event.state.state] : [],
    );
    expect(told).toEqual(['loading', 'ready']);
  });

  it('is refused then when it cannot be opened', async () => {
    broken.add('w1');
    open();
    await settled();
    expect(live().state()).toMatchObject({ state: 'refused' });
    await expect(live().backend.call(call())).rejects.toMatchObject({
      failure: { code: 'unavailable', detail: expect.stringContaining('it is no module') as string },
    });
  });

  it('holds up no stop, and is closed should it open after all', async () => {
    await control.close();
    expect(opened).toEqual([]);
    open();
    await settled();
    expect(opened.map(({ backend }) => backend.closed())).toEqual([true, true, true, true, true]);
  });
});

describe('what is told', () => {
  const ready = { type: 'backend', state: { state: 'ready' } } as const;
  const reload = (): ReturnType<OwnedControl['reload']> => control.reload({ by: 'ann', comment: 'new library' });
  const toldSince = (count: number): GatewayEvent[] => events.slice(count);

  it('begins with each backend that came into force at the start', () => {
    const told = events.map((event) => event.type === 'backend' && `${event.plugin}/${event.backend}`);
    expect(told).toEqual(['pricing/legacy', 'pricing/wasm', 'vowels/legacy', 'vowels/wasm', 'fresh/wasm']);
    expect(events).toMatchObject(told.map(() => ready));
  });

  it('of a flip is what the history has of it, and of a dry or refused one nothing', async () => {
    const before = events.length;
    await control.flip(flip(edit('pricing', 'quote', canary(5)), { author: { by: 'ann', comment: 'first' } }));
    await control.flip(flip(edit('pricing', 'quote', wasm), { dryRun: true }));
    await control.flip(flip(edit('pricing', 'quote', wasm), { precondition: [0] })).catch(() => undefined);
    const [entry] = await control.history(1);
    expect(entry).toMatchObject({ revision: 1, by: 'ann', comment: 'first' });
    const { revision, by, comment, changes } = entry!;
    expect(toldSince(before)).toEqual([{ type: 'route', revision, by, comment, changes, omitted: 0 }]);
  });

  it('of a rollback are the routes that it puts back', async () => {
    await control.flip(flip(edit('pricing', 'quote', wasm)));
    const before = events.length;
    const author = { by: 'ann', comment: null };
    await control.rollback({ revision: null, plugin: null, function: null, precondition: '*', author });
    expect(toldSince(before)).toMatchObject([
      {
        type: 'route',
        revision: 2,
        comment: 'rollback to revision 0',
        changes: [{ plugin: 'pricing', function: 'quote', from: wasm, to: null }],
      },
    ]);
  });

  it('of a change of very many routes is bounded, and says how many more there are', async () => {
    const functions = Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`f${at}`, 'pure' as const]));
    found = find(plugin('wide', { functions }));
    await reload();
    await control.flip(flip(Object.keys(functions).map((name) => edit('wide', name, wasm))));
    const told = events.at(-1)!;
    expect(told).toMatchObject({ type: 'route', omitted: 50 });
    expect(told.type === 'route' && told.changes.length).toBe(100);
  });

  it('of a reload are the plugins that it changed, then the backends that came into force', async () => {
    const before = events.length;
    found = find(plugin('pricing', { legacy: 'l2', functions: { quote: 'pure', order: 'unsafe' } }), plugin('vowels'));
    await reload();
    expect(toldSince(before)).toMatchObject([
      { type: 'plugin', by: 'ann', comment: 'new library', added: [], changed: ['pricing'], removed: ['fresh'] },
      { ...ready, plugin: 'pricing', backend: 'legacy', spec: { library: { sha256: 'l2' } } },
    ]);
  });

  it('of a reload that changes nothing, or is refused, is nothing', async () => {
    const before = events.length;
    await reload();
    broken.add('w2');
    found = find(plugin('vowels', { wasm: 'w2', legacy: 'l2' }));
    await expect(reload()).rejects.toThrow();
    expect(toldSince(before)).toEqual([]);
  });

  it('of a backend is each change of its state while it is in force, and nothing after', async () => {
    const old = opened.find(({ sha256 }) => sha256 === 'l1')!;
    const before = events.length;
    old.report({ type: 'state', state: { state: 'backing-off', until: 1_000, cause: 'SIGSEGV' } });
    old.report({ type: 'restart', cause: 'SIGSEGV' });
    old.report({ type: 'state', state: { state: 'ready', pids: [4711], halfOpen: true } });
    expect(toldSince(before)).toMatchObject([
      { type: 'backend', plugin: 'pricing', backend: 'legacy', state: { state: 'backing-off', cause: 'SIGSEGV' } },
      { type: 'backend', plugin: 'pricing', backend: 'legacy', state: { pids: [4711], halfOpen: true } },
    ]);
    found = find(plugin('pricing', { legacy: 'l2' }));
    await reload();
    const after = events.length;
    old.report({ type: 'state', state: { state: 'unloaded' } });
    expect(toldSince(after)).toEqual([]);
  });
});

const retired: Stage = { stage: 'retired' };
const legacyOf = (name: string): LiveBackend => control.current().plugins.get(name)!.legacy!;
const restart = async (): Promise<void> => {
  await control.close();
  await store.close();
  await start();
};

function held(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}

describe('retirement', () => {
  it('is refused while something is missing, and says what', async () => {
    missing = ['12 of 3,000 comparisons'];
    await expect(control.flip(flip(edit('pricing', 'quote', retired)))).rejects.toMatchObject({
      rejection: {
        code: 'conflict',
        detail: expect.stringContaining('pricing/quote: 12 of 3,000 comparisons') as string,
      },
    });
    expect(store.newest().revision).toBe(0);
  });

  it('of a plugin asks for the proof of every function that follows it', async () => {
    missing = ['nothing was compared'];
    await expect(control.flip(flip(edit('pricing', null, retired)))).rejects.toMatchObject({
      rejection: { detail: expect.stringContaining('pricing/quote, pricing/order: nothing was compared') as string },
    });
  });

  it('can be forced, and the history says what was missing', async () => {
    missing = ['nothing was compared'];
    const author = { by: 'test', comment: 'we know' };
    const { warnings } = await control.flip(flip(edit('pricing', 'quote', retired), { force: true, author }));
    expect(warnings).toEqual(['pricing/quote: nothing was compared']);
    expect((await control.history(1))[0]!.comment).toBe(
      'we know (forced without proof: pricing/quote: nothing was compared)',
    );
  });

  it('needs no proof where there is no legacy', async () => {
    missing = ['nothing was compared'];
    await control.flip(flip(edit('fresh', 'quote', retired)));
    expect(stageOf('fresh', 'quote')).toBe('retired');
  });

  it('unloads legacy with the last function, once its calls have ended', async () => {
    const backend = opened.find((each) => each.sha256 === 'l1')!.backend;
    await control.flip(flip(edit('pricing', 'quote', retired)));
    expect(legacyOf('pricing').state().state).toBe('ready');
    legacyOf('pricing').acquire();
    const leaving = legacyOf('pricing');
    await control.flip(flip(edit('pricing', 'order', retired)));
    expect(legacyOf('pricing').state().state).toBe('unloaded');
    await expect(legacyOf('pricing').backend.call(call())).rejects.toMatchObject({ failure: { code: 'unavailable' } });
    expect(backend.closed()).toBe(false);
    leaving.release();
    await settled();
    expect(backend.closed()).toBe(true);
    expect(events.filter((event) => event.type === 'backend').at(-1)).toMatchObject({
      plugin: 'pricing',
      backend: 'legacy',
      state: { state: 'unloaded' },
    });
  });

  it('is kept by a reload and by a restart: what is unloaded is not opened', async () => {
    await control.flip(flip(edit('vowels', null, retired)));
    const before = opened.length;
    await control.reload({ by: 'test', comment: null });
    expect(opened.length).toBe(before);
    await restart();
    expect([legacyOf('vowels').state().state, legacyOf('pricing').state().state]).toEqual(['unloaded', 'ready']);
    expect(opened.length).toBe(before + 4);
  });

  it('is loaded by the flip that needs it again, of which there is nothing to warn', async () => {
    await control.flip(flip(edit('vowels', null, retired)));
    const { warnings } = await control.flip(flip(edit('vowels', null, { stage: 'legacy' })));
    expect([warnings, legacyOf('vowels').state().state]).toEqual([[], 'ready']);
  });

  it('can be taken back: legacy is loaded before it gets calls', async () => {
    await control.flip(flip(edit('vowels', null, retired)));
    const before = opened.length;
    const author = { by: 'test', comment: null };
    await control.rollback({ revision: 0, plugin: 'vowels', function: null, precondition: '*', author });
    expect([legacyOf('vowels').state().state, opened.length]).toEqual(['ready', before + 1]);
  });

  it('asks for the same proof when a route is dropped, or a rollback would retire', async () => {
    const author = { by: 'test', comment: null };
    await control.flip(flip(edit('vowels', 'quote', wasm)));
    await control.flip(flip(edit('vowels', null, retired)));
    missing = ['nothing was compared'];
    const refused = {
      rejection: { code: 'conflict', detail: expect.stringContaining('vowels/quote: nothing') as string },
    };
    await expect(control.flip(flip(edit('vowels', 'quote', null)))).rejects.toMatchObject(refused);
    missing = [];
    await control.flip(flip(edit('vowels', 'quote', null)));
    await control.flip(flip(edit('vowels', null, wasm)));
    missing = ['nothing was compared'];
    const back = { revision: 3, plugin: null, function: null, precondition: '*', author } as const;
    await expect(control.rollback(back)).rejects.toMatchObject(refused);
    expect([stageOf('vowels', 'quote'), legacyOf('vowels').state().state]).toEqual(['wasm', 'ready']);
  });

  it('of a plugin asks for no proof of a function that the same change keeps out of it', async () => {
    missing = ['nothing was compared'];
    await control.flip(flip([edit('vowels', 'quote', wasm), edit('vowels', null, retired)]));
    expect(stageOf('vowels', 'quote')).toBe('wasm');
  });

  it('that is made and taken back while a reload goes on leaves no closed library in force', async () => {
    found = find(...[...found.plugins.values()], plugin('late'));
    const { promise, open } = held();
    gate = promise;
    const reloading = control.reload({ by: 'test', comment: null });
    await settled();
    gate = undefined;
    await control.flip(flip(edit('vowels', null, retired)));
    await control.flip(flip(edit('vowels', null, wasm)));
    open();
    await reloading;
    await settled();
    const backend = opened.findLast((each) => each.backend === legacyOf('vowels').backend)!;
    expect([legacyOf('vowels').state().state, backend.backend.closed()]).toEqual(['ready', false]);
    expect(control.current().plugins.has('late')).toBe(true);
  });

  it('stays as it is when legacy cannot be loaded again', async () => {
    await control.flip(flip(edit('vowels', null, retired)));
    broken.add('l1');
    await expect(control.flip(flip(edit('vowels', null, wasm)))).rejects.toMatchObject({
      rejection: { code: 'conflict', detail: 'the legacy backend cannot be loaded again: it is no module' },
    });
    expect([stageOf('vowels', 'quote'), legacyOf('vowels').state().state]).toEqual(['retired', 'unloaded']);
  });
});

describe('a dry run', () => {
  it('answers what the evidence says about the functions that would change', async () => {
    missing = ['nothing was compared'];
    const { advice } = await control.flip(flip(edit('pricing', null, retired), { dryRun: true }));
    expect(advice).toMatchObject([
      {
        plugin: 'pricing',
        function: 'quote',
        verdicts: [{ verdict: 'pass' }],
        missing: ['nothing was compared'],
      },
      { plugin: 'pricing', function: 'order', missing: ['nothing was compared'] },
    ]);
  });
});

describe('a trip', () => {
  const of = (functionName: string, given: Parameters<typeof tripped>[0] = {}) => ({
    plugin: 'pricing',
    function: functionName,
    trip: tripped(given),
  });
  const routeOf = (functionName: string) =>
    control.current().plugins.get('pricing')!.functions.get(functionName)!.route;

  it('gives calls to legacy, leaves the intent as it is and makes no revision', async () => {
    await control.flip(flip(edit('pricing', 'quote', wasm)));
    await control.trip(of('quote'));
    expect(routeOf('quote')).toMatchObject({
      stage: wasm,
      effective: { stage: 'legacy' },
      tripped: { cause: 'trapped' },
    });
    expect(store.newest().revision).toBe(1);
    expect(events.at(-1)).toMatchObject({ type: 'trip', trip: { function: 'quote' }, ended: null });
  });

  it('goes on mirroring where it says so and the function may run twice', async () => {
    await control.flip(flip(edit('pricing', null, wasm)));
    await control.trip(of('quote', { mirror: 20 }));
    await control.trip(of('order', { mirror: 20 }));
    expect(routeOf('quote').effective).toEqual({ stage: 'shadow', sample: 20 });
    expect(routeOf('order').effective).toEqual({ stage: 'legacy' });
  });

  it('that is half open mirrors every call, or lets one key in a hundred through where that may not be', async () => {
    await control.flip(flip(edit('pricing', null, canary(50))));
    await control.trip(of('quote', { halfOpen: true }));
    await control.trip(of('order', { halfOpen: true }));
    expect(routeOf('quote').effective).toEqual({ stage: 'shadow', sample: 100 });
    expect(routeOf('order').effective).toEqual(canary(1));
  });

  it('changes nothing in a stage in which legacy answers anyway', async () => {
    await control.flip(flip(edit('pricing', 'quote', { stage: 'shadow', sample: 5 })));
    await control.trip(of('quote'));
    expect(routeOf('quote').effective).toEqual({ stage: 'shadow', sample: 5 });
  });

  it('survives a restart, and ends when it is told to', async () => {
    await control.flip(flip(edit('pricing', null, wasm)));
    await control.trip(of('quote'));
    await control.trip(of('order'));
    await restart();
    expect(control.trips().map((each) => each.function)).toEqual(['quote', 'order']);
    await control.endTrips({ plugin: 'pricing', function: 'quote' }, { by: 'test', comment: null });
    expect(routeOf('quote')).toMatchObject({ effective: wasm, tripped: null });
    expect(events.at(-1)).toMatchObject({ type: 'trip', trip: { function: 'quote' }, ended: 'test' });
    await control.endTrips({ plugin: 'pricing', function: null }, { by: 'test', comment: null });
    await restart();
    expect(control.trips()).toEqual([]);
  });

  it('of a plugin that is gone can still be ended', async () => {
    await control.trip(of('quote'));
    found = find(plugin('vowels'));
    await control.reload({ by: 'test', comment: null });
    expect(control.trips()).toHaveLength(1);
    await control.endTrips({ plugin: 'pricing', function: 'quote' }, { by: 'test', comment: null });
    expect(control.trips()).toEqual([]);
  });

  it('takes no calls to a legacy that a reload has removed', async () => {
    const functions = { quote: 'pure', order: 'unsafe' } as const;
    await control.flip(flip(edit('pricing', null, wasm)));
    await control.trip(of('quote'));
    found = find(plugin('pricing', { functions, legacy: null }));
    await control.reload({ by: 'test', comment: null });
    expect(routeOf('quote').effective).toEqual(wasm);
    found = find(plugin('pricing', { functions }));
    await control.reload({ by: 'test', comment: null });
    expect(routeOf('quote').effective).toEqual({ stage: 'legacy' });
  });

  it('that is half open sends keys of allow to wasm only where they are all that it answers', async () => {
    await control.flip(flip(edit('pricing', null, canary(5, ['tenant']))));
    await control.trip(of('order', { halfOpen: true }));
    expect([routeOf('order').effective, [...routeOf('order').allowed]]).toEqual([canary(1), []]);
    await control.flip(flip(edit('pricing', null, canary(0, ['tenant']))));
    expect([...routeOf('order').allowed]).toEqual(['tenant']);
  });

  it('whose end cannot be kept is in force again, whatever was put in force meanwhile', async () => {
    await control.flip(flip(edit('pricing', null, wasm)));
    await control.trip(of('quote'));
    const file = join(folder, 'trips.json.tmp');
    await mkdir(file);
    const ending = control.endTrips({ plugin: 'pricing', function: 'quote' }, { by: 'test', comment: null });
    await Promise.resolve();
    await expect(control.trip(of('order'))).rejects.toMatchObject({ rejection: { code: 'store-unavailable' } });
    await expect(ending).rejects.toMatchObject({ rejection: { code: 'store-unavailable' } });
    expect([routeOf('quote').effective, routeOf('order').effective]).toEqual([
      { stage: 'legacy' },
      { stage: 'legacy' },
    ]);
    await rm(file, { recursive: true });
    await control.keepTrips();
    await restart();
    expect(control.trips().map((each) => each.function)).toEqual(['order', 'quote']);
  });

  it('whose end cannot be kept is kept again, although another trip was kept without it meanwhile', async () => {
    await control.flip(flip(edit('pricing', null, wasm)));
    await control.trip(of('quote'));
    const writes = [() => Promise.reject(new StoreUnavailable('disk full')), () => Promise.resolve()];
    beforeTripsWrite = () => writes.shift()?.() ?? Promise.resolve();
    const ending = control.endTrips({ plugin: 'pricing', function: 'quote' }, { by: 'test', comment: null });
    await Promise.resolve();
    await Promise.all([
      control.trip(of('order')),
      expect(ending).rejects.toMatchObject({ rejection: { code: 'store-unavailable' } }),
    ]);
    await control.keepTrips();
    await restart();
    expect(control.trips().map((each) => each.function)).toEqual(['order', 'quote']);
  });

  it('holds nobody back once legacy is retired, and does again when the route is set back', async () => {
    await control.flip(flip(edit('pricing', 'quote', wasm)));
    await control.trip(of('quote'));
    await control.flip(flip(edit('pricing', 'quote', retired), { force: true }));
    expect([routeOf('quote').tripped, routeOf('quote').effective]).toEqual([null, retired]);
    await control.flip(flip(edit('pricing', 'quote', wasm)));
    expect(routeOf('quote')).toMatchObject({ tripped: { cause: 'trapped' }, effective: { stage: 'legacy' } });
  });

  it('is not ended by whoever means an earlier one', async () => {
    await control.flip(flip(edit('pricing', 'quote', wasm)));
    await control.trip(of('quote', { since: '2026-11-22T11:00:00.000Z' }));
    const author = { by: 'probe', comment: null };
    const target = { plugin: 'pricing', function: 'quote' };
    await expect(control.endTrips({ ...target, since: '2026-11-22T10:00:00.000Z' }, author)).rejects.toMatchObject({
      rejection: { code: 'not-found' },
    });
    await control.endTrips({ ...target, since: '2026-11-22T11:00:00.000Z' }, author);
    expect(control.trips()).toEqual([]);
  });

  it('cannot be ended where there is none', async () => {
    const author = { by: 'test', comment: null };
    await expect(control.endTrips({ plugin: 'pricing', function: null }, author)).rejects.toMatchObject({
      rejection: { code: 'not-found' },
    });
    await expect(control.endTrips({ plugin: 'nobody', function: null }, author)).rejects.toMatchObject({
      rejection: { code: 'unknown-plugin' },
    });
  });

  it('is in force although it cannot be kept, and cannot be ended then', async () => {
    await control.flip(flip(edit('pricing', 'quote', wasm)));
    await store.close();
    await expect(control.trip(of('quote'))).rejects.toMatchObject({ rejection: { code: 'store-unavailable' } });
    expect(routeOf('quote').effective).toEqual({ stage: 'legacy' });
    await expect(
      control.endTrips({ plugin: 'pricing', function: 'quote' }, { by: 'test', comment: null }),
    ).rejects.toMatchObject({ rejection: { code: 'store-unavailable' } });
    expect(routeOf('quote').effective).toEqual({ stage: 'legacy' });
  });
});
