import { describe, expect, it } from 'vitest';
import type { Plugin } from '#src/domain/plugin.js';
import { createJunit } from '#src/parity/junit.js';
import { createTally } from '#src/parity/tally.js';
import type { Verdict, Verified } from '#src/parity/verify-corpus.js';
import { functionNamed } from '../functions.js';
import { readXml } from './read-xml.js';

const NASTY = 'a<b>&"\'\u0000\u001b[31m\ud800 ]]> \ufffe\n\r\t😀';

function plugin(redacted: readonly string[] = []): Plugin {
  const quote = functionNamed('quote', { redact: { pointers: redacted, headers: [] } });
  return {
    name: 'pricing',
    version: '1',
    digest: '',
    functions: new Map([
      ['quote', quote],
      ['tax', functionNamed('tax')],
    ]),
    limits: { queue: 1, output: 1 },
    backends: { legacy: null, wasm: null },
  };
}

function verdict(line: number, different: boolean, name = 'quote', pointers = ['/a']): Verdict {
  const differences = pointers.map((pointer) => ({ pointer, kind: 'value', legacy: NASTY, wasm: null }) as const);
  return {
    found: {
      file: 'corpus <1>.jsonl',
      line,
      function: name,
      input: Buffer.from(NASTY),
      recorded: null,
      redacted: false,
    },
    tried: {
      input: Buffer.from(NASTY),
      legacy: { output: Buffer.from(NASTY) },
      wasm: { code: 'trapped', detail: NASTY },
      comparison: { result: different ? 'mismatch' : 'match', differences: different ? differences : [], omitted: 0 },
    },
    ms: 1.5,
  };
}

/** The report of so many lines, every tenth of which differs. */
function report(lines: number, of: Plugin = plugin(), done = lines) {
  return reportOf(
    Array.from({ length: done }, (_, index) => verdict(index + 1, (index + 1) % 10 === 0)),
    lines,
    of,
  );
}

function reportOf(verdicts: readonly Verdict[], lines = verdicts.length, of: Plugin = plugin()) {
  const done = verdicts.length;
  const junit = createJunit(of, lines);
  const tally = createTally();
  for (const each of verdicts) {
    junit.add(each);
    tally.add(each.found, each.tried, true);
  }
  const verified: Verified = {
    lines: done,
    total: lines,
    counts: tally.counts,
    places: tally.places(),
    elsewhere: tally.elsewhere(),
    others: 0,
    redacted: 0,
    changed: { count: 0, example: null },
    lateOnce: 0,
    interrupted: done < lines,
    ms: 1_234,
  };
  return [...junit.end(verified)].join('');
}

describe('a JUnit report', () => {
  it('is XML, whatever inputs and outputs hold, with a test case a line', () => {
    const all = readXml(report(20));
    const suite = all.find(({ name }) => name === 'testsuite');
    expect(suite?.attributes).toMatchObject({ name: 'pricing/quote', tests: '20', failures: '2', errors: '0' });
    const cases = all.filter(({ name }) => name === 'testcase');
    expect(cases).toHaveLength(20);
    expect(cases[9]?.attributes).toMatchObject({ classname: 'pricing.quote', name: 'corpus <1>.jsonl:10' });
    const failures = all.filter(({ name }) => name === 'failure');
    expect(failures).toHaveLength(2);
    expect(failures[0]?.attributes['type']).toBe('mismatch');
    expect(failures[0]?.text).toContain('legacy: a<b>&"\'');
  });

  it('has one test case for each way to differ where lines are many', () => {
    const all = readXml(report(20_000));
    expect(all.filter(({ name }) => name === 'testcase').map(({ attributes }) => attributes['name'])).toEqual([
      '18000 lines are equal',
      '2000 lines: /a (value)',
    ]);
    expect(all.find(({ name }) => name === 'testsuite')?.attributes).toMatchObject({ tests: '2', failures: '1' });
  });

  it('fails for every function that differs, however many ways another one has to differ', () => {
    const many = Array.from({ length: 5_000 }, (_, line) => verdict(line, true, 'quote', [`/x${line % 300}`]));
    const few = Array.from({ length: 100 }, (_, line) => verdict(line, true, 'tax', ['/b']));
    const all = readXml(reportOf([...many, ...few]));
    const suites = all.filter(({ name }) => name === 'testsuite').map(({ attributes }) => attributes);
    expect(suites).toMatchObject([
      { name: 'pricing/quote', failures: '201' },
      { name: 'pricing/tax', tests: '2', failures: '1' },
    ]);
    expect(all.filter(({ name }) => name === 'failure')).toHaveLength(202);
  });

  it('counts a line that differs in places for which there is no room once', () => {
    const pointers = Array.from({ length: 210 }, (_, at) => `/${at}x`);
    const lines = Array.from({ length: 5_001 }, (_, line) => verdict(line, line < 5, 'quote', pointers));
    expect(reportOf(lines)).toContain('name="5 lines: in further places, too many to be shown"');
  });

  it('fails when it was interrupted, and says so', () => {
    const all = readXml(report(20, plugin(), 5));
    expect(all.find(({ name }) => name === 'testsuites')?.attributes).toMatchObject({ tests: '6', failures: '1' });
    const failures = all.filter(({ name }) => name === 'failure').map(({ attributes }) => attributes['message']);
    expect(failures).toEqual(['interrupted after 5 of 20 lines']);
  });

  it('shows neither inputs nor outputs of functions from whose samples something is taken out', () => {
    const failures = readXml(report(10, plugin(['/name']))).filter(({ name }) => name === 'failure');
    expect(failures.map(({ text }) => text)).toEqual(['']);
  });
});
