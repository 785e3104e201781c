// The whole story of a migration, on the pricing plugin, with callers that never stop: `npm run demo`.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Demo, startDemo } from './migrate/gateway.js';
import { act, counts, say } from './migrate/say.js';
import { startTraffic, type Traffic } from './migrate/traffic.js';

const QUOTE = 'pricing/quote';

/** Steps of seconds where one would give days; the gates are those of every day. */
const PLAN = `gates:
  mismatches: { limit: 0.1 }
  failures: { margin: 0.5 }
  latency: null
  alpha: 5
atLeast: 1s
calls: 100
steps:
  - { stage: { stage: canary, percent: 1, sample: 100, fallback: true } }
  - { stage: { stage: canary, percent: 5, sample: 100, fallback: true } }
  - { stage: { stage: canary, percent: 25, sample: 50, fallback: true } }
  - { stage: { stage: canary, percent: 50, sample: 50, fallback: true } }
  - { stage: { stage: wasm, sample: 20, fallback: true } }
`;

interface EvidenceSeen {
  readonly current: {
    readonly comparisons: Readonly<Record<string, number>>;
    readonly mismatches: { readonly held: number };
  };
}

interface RouteSeen {
  readonly stage: { readonly stage: string; readonly percent?: number };
  readonly effective: { readonly stage: string };
  readonly tripped: { readonly cause: string; readonly detail: string } | null;
}

interface PluginsSeen {
  readonly plugins: readonly {
    readonly backends: { readonly legacy: { readonly state: string; readonly pids?: readonly number[] } };
  }[];
}

const demo = await startDemo('1.0.0');
const traffic = startTraffic(`${demo.data}/plugins/${QUOTE}`, (what) => say(`a caller got ${what}`));
try {
  await play(demo, traffic);
  await traffic.stop();
  act('The end');
  say(`Calls that failed, from the first act to the last: ${traffic.failures()}`);
  if (traffic.failures() > 0) process.exitCode = 1;
} finally {
  await traffic.stop();
  await demo.stop();
}

async function play(demo: Demo, traffic: Traffic): Promise<void> {
  const evidence = (): Promise<EvidenceSeen> => demo.get(`/api/v1/evidence/${QUOTE}`);
  const compared = async (): Promise<number> =>
    Object.values((await evidence()).current.comparisons).reduce((sum, times) => sum + times, 0);
  const route = (): Promise<RouteSeen> => demo.get(`/api/v1/routes/${QUOTE}`);
  const legacy = async () => (await demo.get<PluginsSeen>('/api/v1/plugins')).plugins[0]?.backends.legacy;

  act('A native library answers, as it has for years');
  await pause(1_000);
  say(counts(traffic.answers()));

  act('A first port runs in the shadow, and does not agree');
  await demo.banyan(['set', QUOTE, 'shadow', '--sample', '100', '--comment', 'a first look at the port']);
  await until('mismatches', async () => (await evidence()).current.mismatches.held >= 5);
  await demo.banyan(['evidence', QUOTE]);
  await demo.banyan(['mismatches', QUOTE, '--limit', '1']);

  act('The smallest order that shows it, without any traffic');
  const schema = join(demo.folder, 'plugins/pricing/quote.schema.json');
  const found = join(demo.folder, 'found.jsonl');
  const config = join(demo.folder, 'banyan.yaml');
  await demo.banyan(
    ['fuzz', QUOTE, '--config', config, '--schema', schema, '--runs', '20000', '--seed', '7', '--out', found],
    1,
  );

  act('A mended port is put in: evidence starts from nothing');
  await demo.put('1.0.1');
  say(`compared so far: ${await compared()}`);
  await demo.banyan(['verify', QUOTE, '--config', config, '--corpus', found]);

  act('A plan moves the callers over, step by step, as its gates allow');
  const plan = join(demo.folder, 'plan.yaml');
  await writeFile(plan, PLAN);
  await demo.banyan(['rollout', 'plan', QUOTE, plan]);
  let last = '';
  await until('the plan is completed', async () => {
    const { stage } = await route();
    const now = stage.percent === undefined ? stage.stage : `${stage.stage} ${stage.percent} %`;
    if (now !== last) {
      traffic.reset();
      say(`${now}: ${(await compared()).toLocaleString('en')} comparisons so far`);
      last = now;
    }
    return (await demo.get<{ state: { state: string } }>(`/api/v1/rollouts/${QUOTE}`)).state.state === 'completed';
  });
  say(counts(traffic.answers()));
  await demo.banyan(['rollout', 'show', QUOTE]);

  act('A build that traps at every call is put in');
  traffic.reset();
  const putAt = performance.now();
  await demo.put('1.0.2');
  const loadedAt = performance.now();
  await until('it trips', async () => (await route()).tripped !== null, 10);
  const tookMs = performance.now() - loadedAt;
  say(
    `taken back ${Math.round(tookMs)} ms after the reload, ${Math.round(performance.now() - putAt)} ms after it was begun`,
  );
  if (tookMs > 2_000) say('that is longer than the two seconds that it should take: is the machine busy?');
  await demo.banyan(['trips']);
  say(counts(traffic.answers()));

  act('Repaired, and resumed');
  await demo.put('1.0.1');
  await demo.banyan(['rollout', 'resume', QUOTE]);
  traffic.reset();
  await pause(1_000);
  say(counts(traffic.answers()));

  act('The native library is retired');
  const pids = (await legacy())?.pids ?? [];
  say(`its process: ${pids.join(', ')}`);
  await demo.banyan(['set', QUOTE, 'retired', '--dry-run']);
  await demo.banyan(['set', QUOTE, 'wasm']);
  await until('legacy has answered nobody for a while', async () => {
    const response = await fetch(`${demo.admin}/api/v1/routes/${QUOTE}?dry-run=true`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ stage: 'retired' }),
    });
    const { advice } = (await response.json()) as { advice: readonly { missing: readonly string[] }[] };
    return advice.every(({ missing }) => missing.length === 0);
  });
  await demo.banyan(['set', QUOTE, 'retired', '--comment', 'proved']);
  await until('its process is gone', () => Promise.resolve(!pids.some(isAlive)));
  say(`its process is gone; it is ${(await legacy())?.state ?? 'nowhere'}`);
  traffic.reset();
  await pause(500);
  say(counts(traffic.answers()));
}

/** Looks again and again; throws when it takes more than a minute. */
async function until(what: string, isSo: () => Promise<boolean>, everyMs = 100): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited a minute in vain: ${what}`);
    await pause(everyMs);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
