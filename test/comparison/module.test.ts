import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createComparer, type Comparer, type ComparerOptions } from '#src/comparison/comparer.js';
import type { NotCompared } from '#src/domain/compare.js';
import type { Artefact } from '#src/domain/artefact.js';
import type { Comparison, Ended } from '#src/domain/comparison.js';
import type { PluginFunction } from '#src/domain/plugin.js';
import { functionNamed } from '../functions.js';
import { reply } from './comparing.js';

/** A module of an operator's, as it was when it was checked. */
function moduleOf(source: string): Artefact {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-comparison-')));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, 'compare.js');
  writeFileSync(path, source);
  return { path, sha256: createHash('sha256').update(source).digest('hex') };
}

function comparer(options: ComparerOptions = {}): Comparer {
  const created = createComparer(options);
  onTestFinished(() => created.close());
  return created;
}

function functionBy(source: string | Artefact, given: Partial<PluginFunction> = {}): PluginFunction {
  const module = typeof source === 'string' ? moduleOf(source) : source;
  return functionNamed('quote', { compare: { as: 'module', module }, ...given });
}

const ONE = reply('one');
const OTHER = reply('other');

/** What a module of this source says of two different replies. */
async function compareBy(source: string, options: ComparerOptions = {}): Promise<Comparison | null> {
  return await comparer(options).compare(functionBy(source), ONE, OTHER);
}

/** Why nothing was compared of two different replies. */
async function noneOf({ compare }: Comparer, spec: PluginFunction): Promise<NotCompared | null> {
  let none: NotCompared | null = null;
  expect(await compare(spec, ONE, OTHER, (told) => (none = told))).toBeNull();
  return none;
}

/** For what fails in time on any machine, however busy. */
const PATIENT: ComparerOptions = { startMs: 50_000, moduleMs: 50_000 };

/** The rest of a message is the engine's own. */
function beginningWith(why: string): string {
  return expect.stringMatching(`^${why.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`) as string;
}

const EQUAL = 'export default () => true;';

/** What it does, its source, and what is said of it. */
const UNLOADABLE = [
  ['is no JavaScript', 'export default {{', "it cannot be loaded: SyntaxError: Unexpected token '{'"],
  ['has no function', 'export const compare = () => true;', 'it has no function as its default export'],
  ['is no ES module', 'module.exports = () => true;', 'it cannot be loaded: ReferenceError: module is not defined'],
  [
    'has parts',
    `import "./other.js"; ${EQUAL}`,
    'it cannot be loaded: it is one file, and may import node: modules alone',
  ],
  [
    'has dependencies',
    `import "zod"; ${EQUAL}`,
    'it cannot be loaded: it is one file, and may import node: modules alone',
  ],
  ['throws', `throw new Error("bad day"); ${EQUAL}`, 'it cannot be loaded: Error: bad day'],
  ['leaves', `process.exit(0); ${EQUAL}`, 'it ended its thread'],
  ['awaits for ever', `await new Promise(() => {}); ${EQUAL}`, 'it awaits what never comes'],
  [
    'takes too much memory',
    `for (const all = []; ; ) all.push(Array(1e5).fill(0)); ${EQUAL}`,
    'it ran over its memory of 64 MiB',
  ],
] as const;

describe('A module that compares', () => {
  it('decides on the bytes of both sides', async () => {
    const { compare } = comparer();
    const byLength = functionBy('export default (legacy, wasm) => legacy.output.length === wasm.output.length;');
    expect(await compare(byLength, reply('abc'), reply('xyz'))).toEqual({
      result: 'match',
      differences: [],
      omitted: 0,
    });
    expect(await compare(byLength, reply('abc'), reply('ab'))).toEqual({
      result: 'mismatch',
      differences: [{ pointer: '', kind: 'value', legacy: 'byte 2: "abc"', wasm: 'ends after 2 bytes' }],
      omitted: 0,
    });
  });

  it('may list differences, of which fifty are kept', async () => {
    expect(
      await compareBy(`export default () => [{ pointer: '/a', kind: 'value', legacy: '1' },
        ...Array.from({ length: 99 }, (_, index) => ({ pointer: '/b/' + index, kind: 'extra', wasm: 'x'.repeat(1000) }))]`),
    ).toMatchObject({
      result: 'mismatch',
      differences: {
        0: { pointer: '/a', kind: 'value', legacy: '1', wasm: null },
        49: { pointer: '/b/48' },
        length: 50,
      },
      omitted: 50,
    });
    expect(await compareBy('export default () => []')).toMatchObject({ result: 'match' });
  });

  it('sees errors, and may find them to be the same', async () => {
    const { compare } = comparer();
    const spec = functionBy(
      'export default (legacy, wasm) => (legacy.code ?? String(legacy.output)) === (wasm.code ?? "timeout");',
    );
    const failed = (code: 'timeout' | 'trapped'): Ended =>
      code === 'timeout' ? { code, detail: '', begun: true } : { code, detail: '' };
    expect(await compare(spec, failed('timeout'), failed('timeout'))).toMatchObject({ result: 'both-failed' });
    expect(await compare(spec, failed('timeout'), failed('trapped'))).toMatchObject({
      result: 'mismatch',
      differences: [{ pointer: '', kind: 'value', legacy: 'timeout', wasm: 'trapped' }],
    });
    expect(await compare(spec, failed('trapped'), reply('x'))).toMatchObject({
      result: 'legacy-failed',
      differences: [],
    });
    expect(await compare(spec, failed('timeout'), reply('x'))).toMatchObject({ result: 'match' });
  });

  it('may take its time, within the deadline', async () => {
    expect(
      await compareBy('export default () => new Promise((resolve) => setTimeout(resolve, 5, true));'),
    ).toMatchObject({
      result: 'match',
    });
  });

  it('may import what Node.js brings along', async () => {
    const source = 'import { isDeepStrictEqual } from "node:util"; export default (a, b) => isDeepStrictEqual(a, b);';
    expect(await compareBy(source)).toMatchObject({ result: 'mismatch' });
  });

  it('is not asked about equal bytes', () => {
    const { compare } = comparer();
    expect(compare(functionBy('export default () => false;'), ONE, reply('one'))).toMatchObject({ result: 'match' });
  });
});

describe('A module that fails', () => {
  it.each([
    ['throws', 'export default () => { throw new TypeError("oops"); }', 'it threw TypeError: oops'],
    ['rejects', 'export default async () => { throw 7; }', 'it threw a number'],
    [
      'answers something else',
      'export default () => "yes"',
      'it answered neither true, false nor a list of differences: yes',
    ],
    [
      'answers nothing',
      'export default () => {}',
      'it answered neither true, false nor a list of differences: undefined',
    ],
    [
      'lists what is no difference',
      'export default () => [{ pointer: "a", kind: "value" }]',
      'what it listed at 0 is no difference (a pointer, a kind, and legacy and wasm as text): an object',
    ],
    ['leaves', 'export default () => process.exit(3)', 'it ended its thread'],
    [
      'throws later',
      'export default () => new Promise(() => setTimeout(() => { throw new RangeError() }))',
      'it ended its thread: RangeError',
    ],
    [
      'takes too much memory',
      'export default () => { for (const all = []; ; ) all.push(Array(1e5).fill(0)); }',
      'it ran over its memory of 64 MiB',
    ],
  ])('because it %s has compared nothing, and says why', async (_, source, why) => {
    const none = await noneOf(comparer(PATIENT), functionBy(source));
    expect(none).toMatchObject({ reason: 'comparer-failed', why: beginningWith(why) });
  });

  it.each(UNLOADABLE)('to load, because it %s, has compared nothing, and says why', async (_, source, why) => {
    const none = await noneOf(comparer(PATIENT), functionBy(source));
    expect(none).toMatchObject({ reason: 'comparer-unavailable', why: beginningWith(why) });
  });

  it('because it never ends is stopped, and the next comparison is made all the same', async () => {
    const { compare } = comparer({ moduleMs: 200 });
    const spec = functionBy('export default (legacy) => { while (legacy.output.length === 3); return true; }');
    const heard: NotCompared[] = [];
    const endless = compare(spec, ONE, OTHER, (none) => heard.push(none));
    const next = await compare(spec, OTHER, ONE);
    expect(await endless).toBeNull();
    expect(heard).toEqual([{ reason: 'comparer-failed', why: 'it took longer than 200 ms' }]);
    expect(next).toMatchObject({ result: 'match' });
  });

  it('because its file has changed is not run', async () => {
    const module = moduleOf('export default () => false;');
    writeFileSync(module.path, 'export default () => true;');
    expect(await noneOf(comparer(), functionBy(module))).toEqual({
      reason: 'comparer-unavailable',
      why: 'the file has changed since it was checked; reload to use it as it is now',
    });
  });

  it('does not hide that one side failed', async () => {
    const { compare } = comparer();
    const spec = functionBy('export default () => { throw new Error(); }');
    expect(await compare(spec, ONE, { code: 'trapped', detail: '' })).toMatchObject({ result: 'wasm-failed' });
  });

  it('tells nothing of a document of which something is to be taken out', async () => {
    const spec = functionBy('export default ({ output }) => { throw new Error(Buffer.from(output)); }', {
      redact: { pointers: ['/secret'], headers: [] },
    });
    expect(await noneOf(comparer(), spec)).toEqual({ reason: 'comparer-failed', why: 'it threw Error' });
  });

  it('prints nothing on the output of the gateway', async () => {
    const { path, sha256 } = moduleOf(
      'export default () => { console.log("loud"); console.error("loud"); process.stdout.write("loud"); return true; }',
    );
    const gateway = `
      import { createComparer } from ${JSON.stringify(import.meta.resolve('#src/comparison/comparer.js'))};
      const { compare, close } = createComparer();
      const spec = { compare: { as: 'module', module: ${JSON.stringify({ path, sha256 })} }, error: null, redact: { pointers: [] } };
      const comparison = await compare(spec, { output: Buffer.from('a') }, { output: Buffer.from('b') });
      await close();
      console.log(comparison.result);`;
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', gateway]);
    expect(await run).toEqual({ stdout: 'match\n', stderr: '' });
  });
});

describe('A module that is tried', () => {
  it('is fine when it can be loaded', async () => {
    expect(await comparer().tryModule(moduleOf(EQUAL))).toBeNull();
  });

  it.each(UNLOADABLE)('cannot be used when it %s, and nobody else notices', async (_, source, why) => {
    const { tryModule } = comparer(PATIENT);
    const [said, neighbour] = await Promise.all([tryModule(moduleOf(source)), tryModule(moduleOf(EQUAL))]);
    expect([said, neighbour]).toEqual([beginningWith(why), null]);
  });

  it.each(['for (;;);', 'setInterval(() => {}, 1_000); await new Promise(() => {});'])(
    'cannot be used when it does not load in time: %s',
    async (source) => {
      const { tryModule } = comparer({ startMs: 300 });
      expect(await tryModule(moduleOf(`${source} ${EQUAL}`))).toBe('it did not load within 300 ms');
    },
  );

  it('takes its turn, and those that never load hold up nobody for good', async () => {
    const { tryModule } = comparer({ startMs: 4_000 });
    const endless = Array.from(
      { length: 4 },
      (_, each) => `await new Promise(() => setInterval(() => {}, ${each + 1e6}));`,
    );
    const said = await Promise.all([...endless, EQUAL].map((source) => tryModule(moduleOf(source))));
    expect(said).toEqual([...endless.map(() => 'it did not load within 4000 ms'), null]);
  });

  it('is tried as it is: another one of its name is another one', async () => {
    const { tryModule } = comparer();
    const module = moduleOf(EQUAL);
    expect(await tryModule(module)).toBeNull();
    const source = 'export default 1;';
    writeFileSync(module.path, source);
    const sha256 = createHash('sha256').update(source).digest('hex');
    expect(await tryModule({ ...module, sha256 })).toBe('it has no function as its default export');
  });
});

describe('Comparisons that wait', () => {
  it('are bounded: of those over it nothing is compared', async () => {
    const { compare } = comparer({ waiting: { count: 2, bytes: 1_000 } });
    const spec = functionBy('export default () => true;');
    const asked = [1, 2, 3].map(async () => await compare(spec, ONE, OTHER));
    expect((await Promise.all(asked)).map((comparison) => comparison?.result ?? null)).toEqual([
      'match',
      'match',
      null,
    ]);
    const large = reply('x'.repeat(1_000));
    const tooLarge = compare(spec, large, ONE);
    expect(await compare(spec, ONE, OTHER)).toBeNull();
    expect(await tooLarge).toMatchObject({ result: 'match' });
  });

  it('are given up when the gateway closes', async () => {
    const { compare, close } = comparer();
    const asked = compare(functionBy('export default () => { for (;;); }'), ONE, OTHER);
    await close();
    expect(await asked).toBeNull();
    expect(await compare(functionBy('export default () => true;'), ONE, OTHER)).toBeNull();
  });
});
