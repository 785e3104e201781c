import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setTimeout as pause } from 'node:timers/promises';
import { openCorpus } from '#src/parity/corpus.js';
import { GaveUp } from '#src/parity/patient.js';
import type { Pair } from '#src/parity/pair.js';
import { isEqual, type Verified, verifyCorpus } from '#src/parity/verify-corpus.js';
import { compare, pairOf } from './sides.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'banyan-verify-'));
});
afterEach(() => rm(folder, { recursive: true }));

const JSON_RULE = { as: 'json', ignore: [], unordered: [], tolerance: { absolute: 0, relative: 0 } } as const;

async function verify(pair: Pair, lines: readonly object[], signal?: AbortSignal): Promise<Verified> {
  const path = join(folder, 'f.jsonl');
  await writeFile(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  const corpus = await openCorpus({ path, known: ['f'], wanted: ['f'] });
  return await verifyCorpus({
    pairs: new Map([['f', pair]]),
    compare,
    corpus,
    ...(signal === undefined ? {} : { signal }),
  });
}

const numbers = (count: number): readonly object[] =>
  Array.from({ length: count }, (_, number) => ({ input: { text: String(number) } }));

describe('verifying a corpus', () => {
  it('leaves no line uncompared: where a module fails at it, that is a difference that says why', async () => {
    const source = `export default ({ output }) => { if (Buffer.from(output).toString() === 'b1') throw new TypeError('odd'); return true; }`;
    const module = { path: join(folder, 'compare.js'), sha256: createHash('sha256').update(source).digest('hex') };
    await writeFile(module.path, source);
    const pair = pairOf(
      (text) => `b${text}`,
      (text) => text,
      { compare: { as: 'module', module } },
    );
    const verified = await verify(pair, numbers(3));
    expect(verified.counts).toMatchObject({ match: 2, mismatch: 1 });
    expect(JSON.stringify(verified.places)).toContain('not compared: it threw TypeError: odd');
    expect(isEqual(verified)).toBe(false);
  });

  it('counts lines by how they ended, and lines that differ by where', async () => {
    const legacy = (text: string) => JSON.stringify({ items: [{ price: Number(text) }, { price: 1 }] });
    const wasm = (text: string) => {
      const price = Number(text) % 10 === 3 ? 0 : Number(text);
      if (text === '8') return { code: 'trapped', detail: 'unreachable' } as const;
      return JSON.stringify({ items: [{ price }, { price: price === 0 ? 2 : 1 }] });
    };
    const verified = await verify(pairOf(legacy, wasm, { compare: JSON_RULE }), numbers(300));
    expect(isEqual(verified)).toBe(false);
    expect(verified).toMatchObject({ lines: 300, total: 300, interrupted: false });
    expect(verified.counts).toMatchObject({ mismatch: 31, 'wasm-failed': 1, match: 268 });
    expect(verified.places.map(({ pointer, kind, count, example }) => [pointer, kind, count, example.line])).toEqual([
      ['/items/*/price', 'value', 31, 1],
      [null, null, 1, 9],
    ]);
    expect(verified.places[0]?.example).toMatchObject({ legacy: '1', wasm: '2' });
    expect(verified.places[1]?.example).toMatchObject({ wasm: 'trapped: unreachable' });
  });

  it('takes lines on which both sides fail alike for equal', async () => {
    const no = () => ({ code: 'plugin-error', detail: 'no' }) as const;
    const verified = await verify(pairOf(no, no), numbers(3));
    expect([isEqual(verified), verified.counts['both-failed']]).toEqual([true, 3]);
  });

  it('says where legacy answers otherwise than when it was recorded, and leaves redacted lines out of that', async () => {
    const echo = (text: string) => text;
    const recorded = (output: string, more: object = {}) => ({
      input: { text: 'a' },
      legacy: { output: { text: output } },
      ...more,
    });
    const verified = await verify(pairOf(echo, echo), [
      recorded('a'),
      recorded('b'),
      recorded('c', { redacted: true }),
      { input: { text: 'a' }, legacy: { code: 'plugin-error', detail: 'it was broken' } },
      { input: { text: 'a' }, legacy: { code: 'overloaded', detail: 'it was full' } },
    ]);
    expect(isEqual(verified)).toBe(true);
    expect(verified.redacted).toBe(1);
    expect(verified.changed).toMatchObject({ count: 2, example: { line: 2, recorded: 'b', now: 'a' } });
  });

  it('asks again, alone, where a side was late among others', async () => {
    let calls = 0;
    const late = () => (calls++ === 50 ? ({ code: 'timeout', detail: 'late', begun: true } as const) : 'same');
    const verified = await verify(
      pairOf(() => 'same', late),
      numbers(200),
    );
    expect([isEqual(verified), verified.lateOnce]).toEqual([true, 1]);
  });

  it('fails when a side is gone for good, and not before everything has ended', async () => {
    let running = 0;
    const pair = pairOf(
      () => 'same',
      () => 'same',
    );
    const wasm: Pair['wasm'] = async (input) => {
      running += 1;
      await pause(Buffer.from(input).toString() === '3' ? 0 : 20);
      running -= 1;
      if (Buffer.from(input).toString() === '3') throw new GaveUp('the wasm backend does not come back');
      return { output: Buffer.from('same') };
    };
    await expect(verify({ ...pair, wasm }, numbers(500))).rejects.toThrow('does not come back');
    expect(running).toBe(0);
  });

  it('fails when a side is gone for good, and not before the other one has ended', async () => {
    let isRunning = false;
    const pair = pairOf(
      () => 'same',
      () => 'same',
    );
    const legacy: Pair['legacy'] = async () => {
      isRunning = true;
      await pause(20);
      isRunning = false;
      return { output: Buffer.from('same') };
    };
    const wasm: Pair['wasm'] = () => Promise.reject(new GaveUp('the wasm backend does not come back'));
    await expect(verify({ ...pair, legacy, wasm }, numbers(1))).rejects.toThrow('does not come back');
    expect(isRunning).toBe(false);
  });

  it('ends when it is asked to, and is not equal then', async () => {
    const stopping = new AbortController();
    let calls = 0;
    const legacy = () => {
      if (calls++ === 300) stopping.abort();
      return 'same';
    };
    const verified = await verify(
      pairOf(legacy, () => 'same'),
      numbers(5_000),
      stopping.signal,
    );
    expect([verified.interrupted, isEqual(verified), verified.counts.match]).toEqual([true, false, verified.lines]);
    expect(verified.lines).toBeLessThan(1_000);
  });
});
