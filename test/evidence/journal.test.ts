import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { redacted } from '#src/comparison/redact.js';
import type { MismatchSample } from '#src/domain/mismatch.js';
import { openJournal, type Journal } from '#src/evidence/journal/journal.js';
import { JOURNAL_LIMITS, type JournalLimits } from '#src/evidence/journal/limits.js';
import { corpusLine } from '#src/schema/corpus.js';
import { answered, AT, difference, liveFunction, mismatch } from './compared.js';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'banyan-journal-'));
  onTestFinished(() => {
    rmSync(made, { recursive: true, force: true });
  });
  return made;
}

async function opened(
  at: string,
  limits: Partial<JournalLimits> = {},
  warn?: (message: string) => void,
): Promise<Journal> {
  const options = { folder: at, limits: { ...JOURNAL_LIMITS, ...limits }, redact: redacted };
  return await openJournal(warn === undefined ? options : { ...options, warn });
}

async function samplesOf(journal: Journal, name = 'quote', limit = 1_000): Promise<readonly MismatchSample[]> {
  return (await journal.read('pricing', name, { limit })).samples;
}

function textsOf(samples: readonly MismatchSample[]): string[] {
  return samples.map(({ input }) => ('text' in input ? input.text : input.base64));
}

/** Every file below, by its path. */
function filesIn(at: string): string[] {
  return readdirSync(at, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('A mismatch', () => {
  it('is kept with input, outputs, differences and what ran', async () => {
    const journal = await opened(folder());
    const live = liveFunction('quote', { keyHeader: 'x-tenant', compareDigest: 'd'.repeat(64) });
    journal.note(mismatch('{"q":1}', ['/a'], { live, key: 'tenant-a', wasm: answered(Buffer.from([0xff])) }));
    expect(await journal.read('pricing', 'quote', { limit: 10 })).toEqual({
      samples: [
        {
          at: '2026-11-22T10:00:00.000Z',
          requestId: 'r-1',
          result: 'mismatch',
          primary: 'legacy',
          headers: { 'x-tenant': 'tenant-a' },
          input: { text: '{"q":1}', cut: null },
          legacy: { output: { text: '{"a":1}', cut: null } },
          wasm: { output: { base64: '/w==', cut: null } },
          differences: [difference('/a')],
          omitted: 0,
          redacted: false,
          digests: { legacy: null, wasm: null, rule: 'd'.repeat(64) },
        },
      ],
      counts: [
        { signature: 'value /a', count: 1, first: '2026-11-22T10:00:00.000Z', last: '2026-11-22T10:00:00.000Z' },
      ],
      others: 0,
    });
    await journal.close();
  });

  it('of one side that failed is kept, too; a match and equal failures are not', async () => {
    const journal = await opened(folder());
    const ended = (result: 'match' | 'both-failed' | 'wasm-failed') => ({ result, differences: [], omitted: 0 });
    journal.note(mismatch('a', [], { comparison: ended('match') }));
    journal.note(mismatch('b', [], { comparison: ended('both-failed') }));
    journal.note(
      mismatch('c', [], { comparison: ended('wasm-failed'), wasm: { code: 'trapped', detail: 'unreachable' } }),
    );
    const { samples, counts } = await journal.read('pricing', 'quote', { limit: 10 });
    expect(samples).toMatchObject([{ result: 'wasm-failed', wasm: { code: 'trapped', detail: 'unreachable' } }]);
    expect(counts).toMatchObject([{ signature: 'wasm-failed trapped', count: 1 }]);
  });

  it('is read newest first, and no more of them than asked for', async () => {
    const journal = await opened(folder());
    for (let index = 0; index < 5; index++) journal.note(mismatch(`${index}`, [`/field${index}`]));
    expect(textsOf(await samplesOf(journal))).toEqual(['4', '3', '2', '1', '0']);
    expect(textsOf(await samplesOf(journal, 'quote', 2))).toEqual(['4', '3']);
    expect(await samplesOf(journal, 'other')).toEqual([]);
  });

  it('is on the disk without anybody asking for it', async () => {
    const at = folder();
    const journal = await opened(at, { flushMs: 20 });
    journal.note(mismatch('a', ['/a']));
    await expect.poll(() => filesIn(at).length).toBe(2);
    await journal.close();
  });
});

describe('Mismatches in the same places', () => {
  it('are counted, and the newest ones kept with the one that differs most', async () => {
    const journal = await opened(folder(), { ofSignature: 3 });
    const element = (index: number, more: number) =>
      mismatch(
        `${index}`,
        Array.from({ length: 1 + more }, (_, at) => `/items/${index + at}/price`),
        { at: AT + index },
      );
    for (let index = 0; index < 50; index++) journal.note(element(index, index === 7 ? 3 : 0));
    const { samples, counts } = await journal.read('pricing', 'quote', { limit: 100 });
    expect(textsOf(samples)).toEqual(['49', '48', '47', '7']);
    expect(counts).toEqual([
      {
        signature: 'value /items/*/price',
        count: 50,
        first: '2026-11-22T10:00:00.000Z',
        last: '2026-11-22T10:00:00.049Z',
      },
    ]);
  });

  it('do not push out others', async () => {
    const journal = await opened(folder(), { ofFunction: { count: 10, bytes: 2 ** 20 } });
    journal.note(mismatch('rare', ['/rare']));
    for (let index = 0; index < 100; index++)
      journal.note(mismatch(`${index}`, [`/${['a', 'b', 'c'][index % 3] ?? ''}`]));
    const texts = textsOf(await samplesOf(journal));
    expect(texts).toHaveLength(10);
    expect(texts).toContain('rare');
    expect(texts[0]).toBe('99');
  });

  it('are told apart by kind as well as by place', async () => {
    const journal = await opened(folder());
    const kinds = (['value', 'type', 'value'] as const).map((kind) => difference('/a/0', { kind }));
    for (const each of kinds)
      journal.note(mismatch('x', [], { comparison: { result: 'mismatch', differences: [each], omitted: 0 } }));
    const { counts } = await journal.read('pricing', 'quote', { limit: 1 });
    expect(counts.map(({ signature, count }) => `${signature}: ${count}`)).toEqual(['value /a/*: 2', 'type /a/*: 1']);
  });

  it('of too many ways are counted together', async () => {
    const journal = await opened(folder(), { signatures: 3 });
    for (let index = 0; index < 10; index++) journal.note(mismatch('x', [`/key-${index}`]));
    const { counts, others } = await journal.read('pricing', 'quote', { limit: 1 });
    expect(counts).toHaveLength(3);
    expect(others).toBe(7);
  });
});

describe('What is to be taken out', () => {
  const live = liveFunction('quote', {
    keyHeader: 'x-tenant',
    redact: { pointers: ['/user/name', '/users/*/name'], headers: ['x-tenant'] },
  });

  it('is nowhere: not in what is read, not on the disk, not in the corpus', async () => {
    const at = folder();
    const journal = await opened(at);
    journal.note(
      mismatch('{"user":{"name":"SECRET"},"id":9007199254740993}', ['/n'], {
        live,
        key: 'SECRET',
        legacy: answered('{"users":[{"name":"SECRET","n":1.50}]}'),
        wasm: answered('SECRET, which is no JSON'),
      }),
    );
    journal.note(mismatch(`{"user":{"name":"${'SECRET'.repeat(60_000)}"}}`, ['/m'], { live, key: null }));
    const samples = await samplesOf(journal);
    expect(samples[1]).toMatchObject({
      headers: { 'x-tenant': '[redacted]' },
      input: { text: '{"user":{"name":"[redacted]"},"id":9007199254740993}' },
      legacy: { output: { text: '{"users":[{"name":"[redacted]","n":1.50}]}' } },
      wasm: { output: { text: '[redacted: no JSON]' } },
      redacted: true,
    });
    expect(samples[0]).toMatchObject({
      headers: {},
      input: { text: '[redacted: too large to be looked into]', cut: 360_020 },
      redacted: true,
    });
    const lines = await journal.export('pricing', 'quote');
    expect(lines.map((line) => corpusLine.parse(JSON.parse(line)).redacted)).toEqual([true]);
    await journal.close();
    const onDisk = filesIn(at)
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    expect(onDisk).toContain('[redacted]');
    expect(`${onDisk}${lines.join('')}${JSON.stringify(samples)}`).not.toContain('SECRET');
  });

  it('leaves no line of a corpus where the input is gone as a whole: it cannot be run again', async () => {
    const journal = await opened(folder());
    journal.note(mismatch('SECRET, which is no JSON', ['/n'], { live }));
    journal.note(mismatch('{"user":{"name":"SECRET"}}', ['/m'], { live }));
    const lines = await journal.export('pricing', 'quote');
    expect(lines.map((line) => corpusLine.parse(JSON.parse(line)).input)).toEqual([
      { text: '{"user":{"name":"[redacted]"}}' },
    ]);
    await journal.close();
  });

  it.each([
    ['pointers', { pointers: ['/user/name'], headers: [] }],
    ['headers', { pointers: [], headers: ['x-tenant'] }],
  ])('is in no words of a plugin either, of which nobody knows what they quote: by %s', async (_, redact) => {
    const at = folder();
    const journal = await opened(at);
    const wasm = { code: 'plugin-error', detail: `no customer is called SECRET${' SECRET'.repeat(400)}` } as const;
    const ended = { result: 'wasm-failed', differences: [], omitted: 0 } as const;
    journal.note(mismatch('{"id":1}', [], { live: liveFunction('quote', { redact }), comparison: ended, wasm }));
    expect(await samplesOf(journal)).toMatchObject([
      { wasm: { code: 'plugin-error', detail: '[redacted: 2828 characters]' }, redacted: true },
    ]);
    const lines = await journal.export('pricing', 'quote');
    expect(lines.map((line) => corpusLine.parse(JSON.parse(line)).redacted)).toEqual([true]);
    await journal.close();
    expect(
      filesIn(at)
        .map((file) => readFileSync(file, 'utf8'))
        .join(''),
    ).not.toContain('SECRET');
  });

  it('is not there, and then nothing is said of it', async () => {
    const journal = await opened(folder());
    journal.note(mismatch('{"id":1}', ['/n'], { live }));
    expect(await samplesOf(journal)).toMatchObject([{ redacted: false, input: { text: '{"id":1}' } }]);
  });
});

describe('A body that is too large', () => {
  it('is cut, between characters, and says so', async () => {
    const journal = await opened(folder(), { body: 10 });
    journal.note(mismatch('123456789é and more', ['/a'], { legacy: answered(Buffer.alloc(50, 0xff)) }));
    expect(await samplesOf(journal)).toMatchObject([
      {
        input: { text: '123456789', cut: 20 },
        legacy: { output: { base64: Buffer.alloc(10, 0xff).toString('base64'), cut: 50 } },
        wasm: { output: { text: '{"a":2}', cut: null } },
      },
    ]);
  });

  it('is in no corpus', async () => {
    const journal = await opened(folder(), { body: 10 });
    journal.note(mismatch('short', ['/a'], { requestId: 'whole' }));
    journal.note(mismatch('far too long', ['/b']));
    journal.note(mismatch('short', ['/c'], { wasm: answered('far too long') }));
    const lines = await journal.export('pricing', 'quote');
    expect(lines.map((line) => corpusLine.parse(JSON.parse(line)))).toEqual([
      {
        input: { text: 'short' },
        legacy: { output: { text: '{"a":1}' } },
        wasm: { output: { text: '{"a":2}' } },
        at: '2026-11-22T10:00:00.000Z',
        requestId: 'whole',
        differences: [difference('/a')],
      },
    ]);
  });
});

describe('A journal', () => {
  it('goes on after a restart', async () => {
    const at = folder();
    const before = await opened(at, { ofSignature: 2 });
    for (const text of ['1', '2', '3']) before.note(mismatch(text, ['/a']));
    await before.close();
    const after = await opened(at, { ofSignature: 2 });
    after.note(mismatch('4', ['/a']));
    const { samples, counts } = await after.read('pricing', 'quote', { limit: 10 });
    expect(textsOf(samples)).toEqual(['4', '3', '2']);
    expect(counts).toMatchObject([{ signature: 'value /a', count: 4 }]);
  });

  it('leaves out what a machine that lost its power has left damaged', async () => {
    const at = folder();
    const before = await opened(at);
    for (const text of ['1', '2', '3']) before.note(mismatch(text, [`/${text}`]));
    await before.close();
    const [first = '', second = ''] = filesIn(at)
      .filter((file) => !file.endsWith('counts.json'))
      .sort();
    truncateSync(first, 20);
    writeFileSync(second, '{}');
    writeFileSync(join(at, 'pricing/quote/counts.json'), '');
    writeFileSync(join(at, 'pricing/quote/000000000009-1-000000000000-1.json.tmp'), '{"at"');
    writeFileSync(join(at, 'notes.txt'), 'of an operator');
    const after = await opened(at);
    after.note(mismatch('4', ['/4']));
    expect(textsOf(await samplesOf(after))).toEqual(['4', '3']);
    await after.close();
    expect(filesIn(at).filter((file) => file.endsWith('.tmp'))).toEqual([]);
    expect(readFileSync(join(at, 'notes.txt'), 'utf8')).toBe('of an operator');
  });

  it('takes no more of the disk than it may: of one function, and of all', async () => {
    const at = folder();
    const ofFunction = { count: 100, bytes: 40_000 };
    const journal = await opened(at, { ofFunction, bytes: 100_000, waiting: { count: 10_000, bytes: 2 ** 26 } });
    for (let index = 0; index < 200; index++) {
      for (const name of ['a', 'b', 'c', 'd']) {
        journal.note(mismatch('x'.repeat(1_000), [`/field-${index}`], { live: liveFunction(name) }));
      }
    }
    await journal.close();
    const sizes = (below: string) =>
      filesIn(join(at, 'pricing', below))
        .filter((file) => !file.endsWith('counts.json'))
        .map((file) => statSync(file).size);
    const total = (all: readonly number[]) => all.reduce((sum, size) => sum + size, 0);
    for (const name of ['a', 'b', 'c', 'd']) {
      expect(sizes(name).length).toBeGreaterThan(10);
      expect(total(sizes(name))).toBeLessThanOrEqual(ofFunction.bytes);
    }
    expect(total(sizes(''))).toBeLessThanOrEqual(100_000);
    const lower = await opened(at, { ofFunction: { count: 5, bytes: 40_000 } });
    await lower.close();
    expect(sizes('a')).toHaveLength(5);
  });

  it('keeps no more in memory than it may: what there is no room for is counted', async () => {
    const journal = await opened(folder(), { waiting: { count: 3, bytes: 10_000 }, ofSignature: 100 });
    for (let index = 0; index < 10; index++) journal.note(mismatch(`${index}`, ['/a']));
    expect(journal.lost()).toBe(7);
    expect((await journal.read('pricing', 'quote', { limit: 10 })).counts).toMatchObject([{ count: 10 }]);
    journal.note(mismatch('x'.repeat(20_000), ['/a']));
    expect(journal.lost()).toBe(8);
    expect(textsOf(await samplesOf(journal))).toEqual(['2', '1', '0']);
  });

  it('outlives a disk that takes nothing, says so once, and goes on when it does again', async () => {
    const at = folder();
    const warnings: string[] = [];
    const journal = await opened(at, {}, (message) => warnings.push(message));
    // A file where the folder of the plugin would have to be: for whoever runs the tests, root too.
    writeFileSync(join(at, 'pricing'), '');
    for (const text of ['1', '2']) {
      journal.note(mismatch(text, ['/a']));
      expect(await samplesOf(journal)).toEqual([]);
    }
    expect(journal.lost()).toBe(2);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^samples of mismatches cannot be kept: /);
    rmSync(join(at, 'pricing'));
    journal.note(mismatch('3', ['/a']));
    expect(textsOf(await samplesOf(journal))).toEqual(['3']);
  });

  it('is for its owner alone', async () => {
    const at = join(folder(), 'mismatches');
    const journal = await opened(at);
    journal.note(mismatch('a', ['/a']));
    await journal.close();
    expect(statSync(at).mode & 0o777).toBe(0o700);
    for (const file of filesIn(at)) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('takes note of nothing once it is closed', async () => {
    const at = folder();
    const journal = await opened(at);
    await journal.close();
    journal.note(mismatch('a', ['/a']));
    await journal.close();
    expect(filesIn(at)).toEqual([]);
  });
});
