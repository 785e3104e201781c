import { describe, expect, it, onTestFinished } from 'vitest';
import { createComparer } from '#src/comparison/comparer.js';
import type { Comparison, CompareRule } from '#src/domain/comparison.js';
import { functionNamed } from '../functions.js';
import { json, reply } from './comparing.js';

/** Compares in a thread, as documents of this size are. Milliseconds it may take there. */
async function compareLarge(rule: CompareRule, legacy: string, wasm: string): Promise<Comparison> {
  const { compare, close } = createComparer();
  onTestFinished(close);
  const comparison = compare(functionNamed('quote', { compare: rule }), reply(legacy), reply(wasm));
  expect(comparison).toBeInstanceOf(Promise);
  const answer = await comparison;
  if (answer === null) throw new Error('it was not compared');
  return answer;
}

const DEEP = 1_000_000;
const deep = (leaf: string) => '['.repeat(DEEP) + leaf + ']'.repeat(DEEP);
const deepObject = (leaf: string) => '{"a":'.repeat(DEEP) + leaf + '}'.repeat(DEEP);
/** At each level two elements of which one goes deeper. */
const tree = (leaf: string, levels: number) => '[0,'.repeat(levels) + leaf + ']'.repeat(levels);
const many = (count: number, element: (index: number) => string) =>
  `[${Array.from({ length: count }, (_, index) => element(index)).join(',')}]`;
/** Every one once, in no order that is left. */
const scattered = (count: number, element: (index: number) => string) =>
  many(count, (index) => element((index * 7_919) % count));

describe('A large document', () => {
  it('is compared in another thread, and the answer is the same', async () => {
    const [one, other] = [many(20_000, String), many(20_000, (index) => String(index === 777 ? -1 : index))];
    expect(await compareLarge(json(), one, `${one} `)).toEqual({ result: 'match', differences: [], omitted: 0 });
    expect(await compareLarge(json(), one, other)).toEqual({
      result: 'mismatch',
      differences: [{ pointer: '/777', kind: 'value', legacy: '777', wasm: '-1' }],
      omitted: 0,
    });
  });

  it('of equal bytes is compared at once', () => {
    const { compare } = createComparer();
    const large = many(20_000, String);
    const spec = functionNamed('quote', { compare: json(), error: { pointer: '/failed', equals: true } });
    expect(compare(spec, reply(large), reply(large))).toMatchObject({ result: 'match' });
  });

  it('that shows an error is looked into in the other thread', async () => {
    const { compare, close } = createComparer();
    onTestFinished(close);
    const spec = functionNamed('quote', { error: { pointer: '/failed', equals: true } });
    const failed = reply(`{"list":${many(20_000, String)},"failed":true}`);
    const asked = compare(spec, failed, failed);
    expect(asked).toBeInstanceOf(Promise);
    expect(await asked).toMatchObject({ result: 'both-failed' });
    expect(await compare(spec, reply('{}'), failed)).toMatchObject({ result: 'wasm-failed' });
  });

  it('does not show what is to be taken out', async () => {
    const { compare, close } = createComparer();
    onTestFinished(close);
    const spec = functionNamed('quote', { compare: json(), redact: { pointers: ['/name'], headers: [] } });
    const named = (name: string) => reply(`{"name":"${name}","list":${many(20_000, String)}}`);
    expect((await compare(spec, named('A'), named('B')))?.differences).toEqual([
      { pointer: '/name', kind: 'value', legacy: '[redacted]', wasm: '[redacted]' },
    ]);
  });
});

describe('A hostile document', () => {
  it.each<[string, CompareRule, string, string, object]>([
    ['a million levels deep', json(), deep('1'), deep('1.0'), { result: 'match' }],
    [
      'a million levels deep, different at the bottom',
      json(),
      deep('1'),
      deep('2'),
      { result: 'mismatch', differences: [{ pointer: '/0'.repeat(512), kind: 'value', legacy: '1', wasm: '2' }] },
    ],
    [
      'of deep objects',
      json(),
      deepObject('1'),
      deepObject('true'),
      { result: 'mismatch', differences: [{ kind: 'type' }] },
    ],
    ['of deep objects, ignored', json({ ignore: ['/a/a/a'] }), deepObject('1'), deepObject('2'), { result: 'match' }],
    [
      'of a deep element in no order',
      json({ unordered: ['/*'] }),
      `[${deep('1')},2]`,
      `[2,${deep('1')}]`,
      { result: 'mismatch' },
    ],
    [
      'that is deep on one side',
      json(),
      deep('1'),
      '['.repeat(100),
      { result: 'mismatch', differences: [{ kind: 'type' }] },
    ],
    [
      'of pairs within pairs, all of them turned',
      json(),
      tree('1', 50_000),
      tree('2', 50_000).replaceAll('[0,', '[9,'),
      { result: 'mismatch', omitted: 49_951 },
    ],
    [
      'with 100,000 keys',
      json(),
      `{${many(100_000, (index) => `"k${index}":${index}`).slice(1, -1)}}`,
      `{${scattered(100_000, (index) => `"k${index}":${index}.0`).slice(1, -1)}}`,
      { result: 'match' },
    ],
    [
      'of 100,000 elements in no order',
      json({ unordered: ['/all'] }),
      `{"all":${many(100_000, (index) => `{"n":${index}}`)}}`,
      `{"all":${scattered(100_000, (index) => `{"n":${index}}`)}}`,
      { result: 'match' },
    ],
    [
      'of 10,000 elements in no order, none the same',
      json({ unordered: ['/all'] }),
      `{"all":${many(10_000, (index) => `{"n":${index}}`)}}`,
      `{"all":${scattered(10_000, (index) => `{"m":${index}}`)}}`,
      { result: 'mismatch', omitted: 19_950 },
    ],
    [
      'of 10,000 elements in no order, with a tolerance',
      json({ unordered: ['/all'], tolerance: { absolute: 0.1, relative: 0 } }),
      `{"all":${many(10_000, (index) => `{"x":${index},"y":[1,${index}]}`)}}`,
      `{"all":${scattered(10_000, (index) => `{"x":${index}.05,"y":[1,${index}]}`)}}`,
      { result: 'match' },
    ],
    [
      'of 10,000 elements in no order, that fit in too many ways',
      json({ unordered: ['/all'], tolerance: { absolute: 0.6, relative: 0 } }),
      `{"all":${many(10_000, (index) => `[${index % 100},${index % 7},"${index % 90}"]`)}}`,
      `{"all":${scattered(10_000, (index) => `[${index % 100}.5,${(index + 1) % 7},"${index % 90}"]`)}}`,
      { result: 'mismatch' },
    ],
    [
      'of 10,000 elements in another order',
      json(),
      many(10_000, (index) => `"${index}"`),
      scattered(10_000, (index) => `"${index}"`),
      {
        result: 'mismatch',
        differences: [{ pointer: '', kind: 'order' }],
      },
    ],
    ['of one key again and again', json(), `{${'"a":1,'.repeat(100_000)}"a":2}`, '{"a":2}', { result: 'match' }],
    ['of one number of a million digits', json(), '1'.repeat(1_000_000), '1'.repeat(1_000_001), { result: 'mismatch' }],
    ['of one number, written otherwise', json(), `1${'0'.repeat(1_000_000)}`, '1e1000000', { result: 'match' }],
    [
      'of long numbers and texts that look like what stands for them',
      json(),
      `["${'\x7f'.repeat(50_000)}",${'9007199254740993,'.repeat(5_000)}0]`,
      `["${'\x7f'.repeat(50_000)}",${'9007199254740993.0,'.repeat(5_000)}0]`,
      { result: 'match' },
    ],
    [
      'of a long string of escapes',
      json(),
      `["${'\\"'.repeat(500_000)}"]`,
      `[ "${'\\"'.repeat(500_000)}"]`,
      { result: 'match' },
    ],
    [
      'of a million spaces at no line end',
      { as: 'text', lineEnds: 'any', trailingSpace: 'any', unicode: null },
      `${' '.repeat(1_000_000)}x`,
      `${' '.repeat(1_000_000)}x\n`,
      { result: 'match' },
    ],
    [
      'of marks that combine',
      { as: 'text', lineEnds: 'any', trailingSpace: 'any', unicode: 'NFKC' },
      `a${'\u0301'.repeat(100_000)}`,
      `á${'\u0301'.repeat(99_999)}`,
      { result: 'match' },
    ],
  ])('%s gets its answer', async (_, rule, legacy, wasm, answer) => {
    const comparison = await compareLarge(rule, legacy, wasm);
    expect(
      comparison.differences.map(({ legacy: said }) => said ?? '').filter((said) => said.startsWith('not compared')),
    ).toEqual([]);
    expect(comparison).toMatchObject(answer);
  });
});
