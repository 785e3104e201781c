import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Misconfigured } from '#src/domain/misconfigured.js';
import { openCorpus } from '#src/parity/corpus.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-corpus-'));
  path = join(folder, 'corpus.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const line = (text: string, more: object = {}): string => JSON.stringify({ input: { text }, ...more });
const known = ['quote', 'tax'];
const wanted = ['quote'];

async function textsOf(options: Partial<Parameters<typeof openCorpus>[0]> = {}): Promise<readonly string[]> {
  const texts: string[] = [];
  const corpus = await openCorpus({ path, known, wanted, ...options });
  for await (const { input, function: name } of corpus.cases()) texts.push(`${name} ${Buffer.from(input).toString()}`);
  expect(corpus.total).toBe(texts.length);
  return texts;
}

async function problems(): Promise<readonly string[]> {
  const error = await openCorpus({ path, known, wanted }).then(
    () => null,
    (found: unknown) => found,
  );
  expect(error).toBeInstanceOf(Misconfigured);
  return (error as Misconfigured).message.split('\n').map((text) => text.replace(path, 'F'));
}

describe('a corpus', () => {
  it('is read line by line, blank lines, a byte order mark and the lack of a last line end aside', async () => {
    await writeFile(path, `\ufeff${line('a')}\r\n\n  \n${line('ü😀')}`);
    expect(await textsOf()).toEqual(['quote a', 'quote ü😀']);
  });

  it('holds bytes that are no text, and lines longer than what is read at once', async () => {
    const bytes = Buffer.alloc(1_000_000, 0xff);
    await writeFile(path, `${JSON.stringify({ input: { base64: bytes.toString('base64') } })}\n${line('b')}\n`);
    const corpus = await openCorpus({ path, known, wanted });
    const inputs: Buffer[] = [];
    for await (const { input } of corpus.cases()) inputs.push(Buffer.from(input));
    expect(inputs[0]?.equals(bytes)).toBe(true);
    expect(inputs[1]?.toString()).toBe('b');
  });

  it('runs lines of the functions that are asked for', async () => {
    await writeFile(path, [line('a', { function: 'tax' }), line('b', { function: 'quote' }), line('c')].join('\n'));
    expect(await textsOf()).toEqual(['quote b', 'quote c']);
    expect((await openCorpus({ path, known, wanted })).others).toBe(1);
  });

  it('ends at a limit', async () => {
    await writeFile(path, [line('a'), line('b'), 'no JSON'].join('\n'));
    expect(await textsOf({ limit: 2 })).toEqual(['quote a', 'quote b']);
  });

  it('may be a folder with a file a function', async () => {
    await mkdir(join(folder, 'all'));
    await writeFile(join(folder, 'all/quote.jsonl'), line('a'));
    await writeFile(join(folder, 'all/tax.jsonl'), line('b'));
    expect(await textsOf({ path: join(folder, 'all'), wanted: known })).toEqual(['quote a', 'tax b']);
    expect(await textsOf({ path: join(folder, 'all') })).toEqual(['quote a']);
    await writeFile(join(folder, 'all/other.jsonl'), line('c'));
    await expect(textsOf({ path: join(folder, 'all') })).rejects.toThrow(/other\.jsonl: expected files named FUNCTION/);
  });

  it('says every bad line with its place and what would be right', async () => {
    await writeFile(
      path,
      [
        line('good'),
        '{"input": {"text": "a"},}',
        '[]',
        '{"inputs": {"text": "a"}}',
        '{"input": "a"}',
        '{"input": {"base64": "*"}}',
        line('a', { legacy: 'x' }),
        line('a', { at: 'yesterday' }),
        line('a', { function: 'quot' }),
        '{"input": {"text": "\\ud800"}}',
        line('a', { legacy: { output: { text: '\udc00a' } } }),
      ].join('\n'),
    );
    const found = await problems();
    expect(found[0]).toMatch(/^F:2:\d+: expected a JSON object such as \{"input": \{"text": "…"\}\}: /);
    expect(found.slice(1)).toEqual([
      'F:3:1: expected a JSON object such as {"input": {"text": "…"}}',
      'F:4:1: input: expected {"text": "…"} or {"base64": "…"}',
      'F:5:1: input: expected {"text": "…"} or {"base64": "…"}',
      'F:6:1: input: expected {"text": "…"} or {"base64": "…"}',
      'F:7:1: legacy: expected {"output": {"text": "…"}} or {"code": "…", "detail": "…"}',
      'F:8:1: at: expected a time such as "2026-11-22T10:00:00Z"',
      'F:9:1: function: expected the name of a function: quote, tax; found "quot"',
      'F:10:1: input: expected whole characters, found half of a surrogate pair: say "base64"',
      'F:11:1: legacy: expected whole characters, found half of a surrogate pair: say "base64"',
    ]);
  });

  it('says the first twenty of many bad lines', async () => {
    await writeFile(path, 'x\n'.repeat(100));
    expect(await problems()).toHaveLength(20);
  });

  it('says a line that is no UTF-8', async () => {
    await writeFile(path, Buffer.concat([Buffer.from(`${line('a')}\n`), Buffer.from([0xff, 0xfe])]));
    expect(await problems()).toEqual(['F:2:1: expected text in UTF-8, found other bytes']);
  });

  it('is an error when it is empty, missing or no file', async () => {
    await expect(textsOf()).rejects.toThrow(`the corpus ${path} cannot be read: there is no such file`);
    await writeFile(path, '\n\n');
    await expect(textsOf()).rejects.toThrow(`${path} is empty: it has no line for quote`);
    await expect(textsOf({ path: '/dev/null' })).rejects.toThrow('/dev/null: expected a file of JSON lines');
  });

  it('of several functions must say which, where a line does not', async () => {
    await writeFile(path, line('a'));
    await expect(textsOf({ wanted: known })).rejects.toThrow('function: expected the name of a function: quote, tax');
  });
});
