import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventText } from '#src/cli/event-text.js';
import { rolloutsView, rolloutView } from '#src/schema/rollout-view.js';
import { tripsView } from '#src/schema/trips.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { banyan, start, type Ran } from '../cli/banyan.js';
import { startGateway, type TestGateway } from '../http/gateway.js';
import { tripped } from '../trips.js';

const PLAN = `# how quote is moved
gates: { mismatches: { limit: 0.1 } }
atLeast: 10m
calls: 100
steps:
  - stage: { stage: shadow }
  - stage: { stage: canary, percent: 5, fallback: true }
    deadline: 6h
    manual: true
  - stage: &end { stage: wasm }
`;

let gateway: TestGateway;
let folder: string;
beforeEach(async () => {
  gateway = await startGateway();
  folder = await mkdtemp(join(tmpdir(), 'banyan-plans-'));
});
afterEach(async () => {
  await gateway.close();
  await rm(folder, { recursive: true });
});

const run = (...args: string[]): Promise<Ran> => banyan(args, { env: { BANYAN_ADMIN: gateway.admin } });
async function planned(text: string = PLAN, ...more: string[]): Promise<Ran & { readonly file: string }> {
  const file = join(folder, 'plan.yaml');
  await writeFile(file, text);
  return { ...(await run('rollout', 'plan', 'pricing/quote', file, ...more)), file };
}
async function meet(): Promise<void> {
  gateway.rolloutEvidence.say('pricing/quote', { mismatches: 'pass' });
  gateway.rolloutEvidence.count('pricing/quote', 100);
  gateway.clock.pass(600_000);
  await run('rollout', 'show');
}

describe('rollout plan', () => {
  it('begins a plan in YAML, and says where it stands', async () => {
    const { status, out, err } = await planned(PLAN, '--comment', 'first tenants');
    expect([status, out, err]).toEqual([
      0,
      'pricing/quote: step 1 of 3 is running\n',
      expect.not.stringContaining('mistake'),
    ]);
    expect((await gateway.control.history(1))[0]).toMatchObject({ revision: 1, comment: 'first tenants' });
  });

  it('takes JSON as well, and prints with --json what the API answered', async () => {
    const { status, out } = await planned(JSON.stringify({ steps: [{ stage: { stage: 'wasm' } }] }), '--json');
    expect([status, rolloutView.parse(JSON.parse(out)).state.state]).toEqual([0, 'running']);
  });

  it('says every mistake at its line and column, and changes nothing', async () => {
    const text = PLAN.replace('percent: 5,', 'percent: 101,')
      .replace('deadline: 6h', 'deadline: six')
      .replace('calls: 100', 'cals: 100');
    const { status, err, file } = await planned(text);
    expect(status).toBe(1);
    expect(err).toContain(`${file} has 3 mistakes`);
    expect(err).toContain(`  ${file}:4:7: cals: this key is not known here; did you mean calls?`);
    expect(err).toContain(`  ${file}:7:38: steps[1].stage.percent: expected at most 100`);
    expect(err).toContain(`  ${file}:8:15: steps[1].deadline: expected a duration such as`);
    expect(gateway.control.current().revision).toBe(0);
  });

  it('says which plugin or function was likely meant', async () => {
    const { file } = await planned();
    const plugin = await run('rollout', 'plan', 'pricng', file);
    expect([plugin.status, plugin.err]).toEqual([
      1,
      expect.stringContaining('no plugin is called pricng; did you mean pricing?'),
    ]);
    const func = await run('rollout', 'plan', 'pricing/qoute', file);
    expect(func.err).toContain('plugin pricing has no function qoute; did you mean quote?');
    for (const verb of ['show', 'pause', 'remove']) {
      expect((await run('rollout', verb, 'pricing/qoute')).err).toContain('did you mean quote?');
    }
  });

  it('places what is missing at its parent, and what stands behind an alias at the anchor', async () => {
    const without = await planned('gates: {}\nsteps:\n  - manual: true\n');
    expect(without.err).toContain(`${without.file}:3:5: steps[0].stage: `);
    const missing = await planned('gates: {}\n');
    expect(missing.err).toContain(`${missing.file}:1:1: steps: it is missing`);
    const aliased = await planned('steps:\n  - stage: &s { stage: canary, percent: x }\n  - stage: *s\n');
    expect(aliased.err).toContain(`${aliased.file}:2:41: steps[0].stage.percent: `);
    expect(aliased.err).toContain(`${aliased.file}:2:41: steps[1].stage.percent: `);
  });

  it.each([
    ['that is no YAML', 'steps: [', /plan\.yaml:1:9: not valid YAML: /],
    ['with a key twice', 'calls: 1\ncalls: 2\n', /plan\.yaml:2:1: not valid YAML: /],
    ['that is empty', '# nothing\n', /plan\.yaml is empty/],
    ['that has no end', 'calls: 1\nsteps: &a\n  - *a\n', /plan\.yaml:3:5: \*a stands for what it is a part of/],
    ['with an alias of nothing', 'steps: *x\n', /plan\.yaml:1:8: \*x stands for nothing/],
    ['with two documents', 'calls: 1\n---\nsteps: []\n', /plan\.yaml:[23]:\d+: another document begins here/],
    ['with what is no number', 'gates: { mismatches: .nan }\n', /plan\.yaml:1:22: NaN is no number/],
    ['that is a bomb', bomb(), /plan\.yaml cannot be used: /],
  ])('refuses a file %s without asking the gateway', async (_, text, message) => {
    const { status, err } = await planned(text);
    expect(status).toBe(1);
    expect(err).toMatch(message);
    expect(err).not.toContain('    at ');
    expect(gateway.statuses).toEqual([]);
  });

  it('refuses a file that is not there', async () => {
    const { status, err } = await run('rollout', 'plan', 'pricing', join(folder, 'none.yaml'));
    expect([status, err]).toEqual([1, expect.stringContaining('none.yaml cannot be read')]);
  });

  it('honours --if-match, and passes on what the gateway warns of', async () => {
    await run('set', 'pricing/quote', 'canary', '--percent', '50');
    expect(await planned(PLAN, '--if-match', '0')).toMatchObject({ status: 1 });
    const { status, out, err } = await planned(PLAN, '--if-match', '1');
    expect([status, out]).toEqual([0, 'pricing/quote: step 3 of 3 is running\n']);
    expect(err).toContain('warning: it begins with step 3 of 3 (wasm)');
  });
});

/** Few lines, a billion items. */
function bomb(): string {
  const lines = Array.from({ length: 9 }, (_, at) => {
    const item = at === 0 ? 'x' : `*a${at - 1}`;
    return `a${at}: &a${at} [${Array(10).fill(item).join(', ')}]`;
  });
  return `${lines.join('\n')}\n`;
}

describe('rollout show', () => {
  it('lists all, or says everything of one', async () => {
    expect((await run('rollout', 'show')).out).toBe('nothing was planned yet\n');
    await planned();
    expect((await run('rollout', 'show')).out).toMatch(/^pricing\/quote +step 1 of 3 is running +1$/m);
    await meet();
    const { status, out } = await run('rollout', 'show', 'pricing/quote');
    expect(status).toBe(0);
    expect(out).toMatch(/^pricing\/quote: step 2 of 3 is running \(since \S+, route at revision 2\)$/m);
    expect(out).toMatch(/^\+ 1 +shadow 100 % +10m +100 +- +moves on$/m);
    expect(out).toMatch(/^> 2 +canary 5 %, fallback +10m +100 +6h +waits for promote$/m);
    expect(out).toMatch(/^ {2}missing: 0s of at least 10m have passed in this step$/m);
    expect(out).toMatch(/^quote +mismatches +pass +0 +0 … \? +0\.1 +7$/m);
    expect(out).toMatch(/^\S+Z {2}running in step 2: 10m and 100 calls in the step, its gates hold$/m);
    expect(rolloutsView.parse(JSON.parse((await run('rollout', 'show', '--json')).out)).rollouts).toHaveLength(1);
  });

  it('writes counts in groups of thousands wherever it writes them', async () => {
    await planned(PLAN.replace('calls: 100', 'calls: 20000'));
    gateway.rolloutEvidence.count('pricing/quote', 5_315);
    const { out } = await run('rollout', 'show', 'pricing/quote');
    expect(out).toMatch(/^> 1 +shadow 100 % +10m +20,000 +/m);
    expect(out).toMatch(/^5,315 calls of wasm in this step, 5,315 comparisons so far$/m);
    expect(out).toContain('missing: 5,315 of at least 20,000 calls were made in this step');
  });

  it('says what somebody else has made of the route since', async () => {
    await planned();
    await meet();
    await run('set', 'pricing/quote', 'canary', '--percent', '50');
    const since = 'its route was changed since: revision 3, canary 50 %';
    const { out } = await run('rollout', 'show', 'pricing/quote');
    expect(out).toContain(`route at revision 2)\n${since}\n`);
    expect((await run('rollout', 'show')).out).toMatch(new RegExp(`^pricing/quote +paused .*; ${since} +3$`, 'm'));
  });

  it('says where there is none how to find one', async () => {
    const { status, err } = await run('rollout', 'show', 'pricing');
    expect(status).toBe(1);
    expect(err).toContain('there is no rollout of pricing');
    expect(err).toContain('banyan rollout show');
  });

  it('with --watch says each change, and ends with the rollout', async () => {
    await planned();
    const child = start(['rollout', 'show', 'pricing/quote', '--watch'], { BANYAN_ADMIN: gateway.admin });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const closed = once(child, 'close');
    await expect.poll(() => out, { timeout: 10_000 }).toContain('planned by loopback');
    await run('rollout', 'pause', 'pricing/quote', '--comment', 'lunch');
    await expect.poll(() => out, { timeout: 10_000 }).toMatch(/^\S+Z {2}paused in step 1: lunch$/m);
    await run('rollout', 'abort', 'pricing/quote');
    await closed;
    expect(out.trimEnd().split('\n').at(-1)).toMatch(/aborted in step 1: aborted by loopback$/);
  });
});

describe('rollout verbs', () => {
  it('pause, resume, promote and abort, and say where it stands then', async () => {
    await planned();
    const said = async (...args: string[]): Promise<string> =>
      (await run('rollout', ...args, 'pricing/quote')).out.trim();
    expect(await said('pause', '--comment', 'lunch')).toBe('pricing/quote: paused in step 1 of 3 by loopback: lunch');
    expect(await said('resume')).toBe('pricing/quote: step 1 of 3 is running');
    expect(await said('promote')).toBe('pricing/quote: step 2 of 3 is running');
    expect(await said('abort')).toBe('pricing/quote: aborted in step 2 of 3 by loopback');
    const again = await run('rollout', 'abort', 'pricing/quote');
    expect(again.status).toBe(1);
    expect(again.err).toContain('it is aborted; abort is for one that is running');
    expect(JSON.parse((await run('rollout', 'resume', 'pricing/quote', '--json')).out)).toMatchObject({
      state: { step: 1 },
    });
  });
});

describe('rollout remove', () => {
  it('refuses one that would move on by itself, and forgets one that does not', async () => {
    await planned();
    const refused = await run('rollout', 'remove', 'pricing/quote');
    expect([refused.status, refused.err]).toEqual([1, expect.stringContaining('pause or abort it first')]);
    await run('rollout', 'pause', 'pricing/quote');
    expect((await run('rollout', 'show', 'pricing/quote')).out).toContain('paused in step 1 of 3 by loopback (since');
    const removed = await run('rollout', 'remove', 'pricing/quote');
    expect([removed.status, removed.out]).toEqual([0, 'pricing/quote: removed by loopback\n']);
    const again = await run('rollout', 'remove', 'pricing/quote');
    expect([again.status, again.err]).toEqual([1, expect.stringContaining('`banyan rollout show` lists')]);
  });

  it('says that what was taken back stays so, with or without --json', async () => {
    await planned();
    await run('rollout', 'abort', 'pricing/quote');
    const { out } = await run('rollout', 'remove', 'pricing/quote', '--comment', 'another way');
    expect(out).toBe(
      'pricing/quote: removed by loopback: another way\nits trips stay until `banyan trips end pricing/quote` ends them\n',
    );
    await planned();
    await run('rollout', 'abort', 'pricing/quote');
    const { out: json } = await run('rollout', 'remove', 'pricing/quote', '--json');
    expect(rolloutView.parse(JSON.parse(json)).state.state).toBe('removed');
  });

  it('of an abort that cannot be kept says that it is in force, and not that nothing was changed', async () => {
    await planned();
    // Where the store would write them next.
    await mkdir(join(gateway.folder, 'rollouts.json.tmp'));
    const { status, err } = await run('rollout', 'abort', 'pricing/quote');
    expect(status).toBe(1);
    expect(err).toContain('it is in force, but a restart would forget it');
    expect(err).toContain('legacy answers; the gateway goes on trying to keep it');
    expect(err).not.toContain('no route was changed');
    await rm(join(gateway.folder, 'rollouts.json.tmp'), { recursive: true });
  });

  it('ends what watches it', async () => {
    await planned();
    const child = start(['rollout', 'show', 'pricing/quote', '--watch'], { BANYAN_ADMIN: gateway.admin });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const closed = once(child, 'close');
    await expect.poll(() => out, { timeout: 10_000 }).toContain('planned by loopback');
    await run('rollout', 'pause', 'pricing/quote');
    await run('rollout', 'remove', 'pricing/quote');
    expect(await closed).toEqual([0, null]);
    expect(out.trimEnd().split('\n').at(-1)).toBe('it was removed');
  });
});

describe('trips', () => {
  beforeEach(() =>
    gateway.control.trip({
      plugin: 'pricing',
      function: 'quote',
      trip: tripped({ probeAt: '2026-11-22T10:00:30.000Z' }),
    }),
  );

  it('lists what was taken back, with or without the word', async () => {
    for (const args of [['trips'], ['trips', 'list']]) {
      const { status, out } = await run(...args);
      expect(status).toBe(0);
      expect(out).toMatch(/^pricing\/quote +2026-11-22T10:00:00Z +trapped +unreachable +2026-11-22T10:00:30\.000Z$/m);
    }
    expect(tripsView.parse(JSON.parse((await run('trips', '--json')).out)).trips).toHaveLength(1);
  });

  it('end gives it back, and says so', async () => {
    expect((await run('trips', 'end', 'pricing')).out).toBe('pricing/quote is given to wasm again\n');
    expect((await run('trips')).out).toBe('nothing is tripped\n');
    const none = await run('trips', 'end', 'pricing');
    expect(none.status).toBe(1);
    expect(none.err).toContain('nothing of pricing is tripped');
    expect(none.err).toContain('banyan trips');
  });
});

describe('events of a trip', () => {
  const text = (given: object, ended: string | null = null): string =>
    eventText({ id: 1, at: 'now', type: 'trip', plugin: 'p', function: 'f', ...tripped(given), ended });

  it('say whether it has begun, is tried again, or is over', () => {
    expect(text({})).toBe('now  trip     p/f was taken back from wasm: trapped: unreachable');
    expect(text({ halfOpen: true })).toBe('now  trip     p/f is tried again on wasm, after trapped: unreachable');
    expect(text({}, 'probe')).toBe('now  trip     p/f is given to wasm again: ended by probe');
  });
});

describe('wrong usage', () => {
  it.each([
    [['rollout']],
    [['rollout', 'fly', 'pricing']],
    [['rollout', 'plan', 'pricing']],
    [['rollout', 'pause']],
    [['rollout', 'pause', 'pricing/quote/x']],
    [['rollout', 'show', '--watch']],
    [['trips', 'nope']],
    [['trips', 'end']],
  ])('%j ends with 2, and says so on stderr', async (args) => {
    const { status, out, err } = await banyan(args);
    expect([status, out]).toEqual([2, '']);
    expect(err).not.toBe('');
    expect(err).not.toContain('    at ');
  });

  it('is prevented by --help on each', async () => {
    for (const args of [['rollout'], ['trips'], ['rollout', 'plan'], ['rollout', 'pause'], ['trips', 'end']]) {
      const { status, out } = await banyan([...args, '--help']);
      expect([status, out]).toEqual([0, expect.stringContaining(`Usage: banyan ${args.join(' ')} `)]);
    }
  });
});
