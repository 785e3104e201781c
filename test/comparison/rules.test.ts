import { describe, expect, it } from 'vitest';
import { compareNow, differ, json, reply, type JsonRule } from './comparing.js';

const both = (absolute: number, relative = 0): Partial<JsonRule> => ({ tolerance: { absolute, relative } });

describe('What a rule ignores', () => {
  it.each<[string, string, string, string[]]>([
    ['/a', '{"a":1}', '{"a":2}', []],
    ['/a', '{"a":1}', '{}', []],
    ['/a', '{}', '{"a":{"b":1}}', []],
    ['/a', '{"a":1,"b":1}', '{"a":2,"b":2}', ['value /b']],
    ['/a/b', '{"a":{"b":1,"c":1}}', '{"a":{"b":2,"c":2}}', ['value /a/c']],
    ['/a/b', '{"a":1}', '{"a":2}', ['value /a']],
    ['/a/*', '{"a":{"b":1,"c":1}}', '{"a":{"b":2}}', []],
    ['/*/id', '[{"id":1,"n":1},{"id":2,"n":2}]', '[{"id":3,"n":1},{"id":4,"n":3}]', ['value /1/n']],
    ['/*/*', '{"a":{"x":1},"b":[1,2]}', '{"a":{"y":2},"b":[3,4]}', []],
    ['/1', '[1,2]', '[1,3]', []],
    ['/a~1b/~0', '{"a/b":{"~":1}}', '{"a/b":{"~":2}}', []],
    ['/__proto__', '{"__proto__":1}', '{}', []],
    ['/items/*', '{"items":[1,2]}', '{"items":[3,4]}', []],
    ['/items/*', '{"items":[1,2]}', '{"items":[3]}', ['length /items']],
  ])('with %s: %s and %s', (pointer, legacy, wasm, found) => {
    expect(differ(json({ ignore: [pointer] }), legacy, wasm)).toEqual(found);
  });

  it('may be said of a member by its name and of any', () => {
    const rule = json({ ignore: ['/a/x', '/*/y'] });
    expect(differ(rule, '{"a":{"x":1,"y":1,"z":1}}', '{"a":{"x":2,"y":2,"z":2}}')).toEqual(['value /a/z']);
    expect(differ(rule, '{"b":{"x":1,"y":1}}', '{"b":{"x":2,"y":2}}')).toEqual(['value /b/x']);
  });

  it('does not count for the order of what holds it either', () => {
    const rule = json({ ignore: ['/*/at'] });
    expect(differ(rule, '[{"n":1,"at":1},{"n":2,"at":2}]', '[{"n":2,"at":3},{"n":1,"at":4}]')).toEqual(['order ']);
  });
});

describe('An array without order', () => {
  it.each<[string, Partial<JsonRule>, string, string, string[]]>([
    ['is the same in any', {}, '[3,1,2]', '[1,2,3]', []],
    ['counts how often there is an element', {}, '[1,1,2]', '[1,2,2]', ['value /1']],
    ['has what the other lacks', {}, '[1,2]', '[1,2,3]', ['length ', 'extra /2']],
    ['lacks what the other has', {}, '[3,1,2]', '[1,2]', ['length ', 'missing /0']],
    ['differs in more than one', {}, '[1,2,3]', '[4,3,5]', ['missing /0', 'missing /1', 'extra /0', 'extra /2']],
    [
      'tells where its one changed element differs',
      {},
      '[{"n":1,"x":1},{"n":2}]',
      '[{"n":2},{"n":1,"x":2}]',
      ['value /0/x'],
    ],
    ['knows 1 from "1"', {}, '[1,"1"]', '["1","1"]', ['type /0']],
    ['knows numbers exactly', {}, '[9007199254740993,1]', '[1,9007199254740992]', ['value /0']],
    ['ignores what is ignored', { ignore: ['/*/at'] }, '[{"n":1,"at":1},{"n":2}]', '[{"n":2,"at":9},{"n":1}]', []],
    ['keeps the order of arrays within', {}, '[[1,2],[3]]', '[[3],[2,1]]', ['order /0']],
    ['may hold arrays without order', { unordered: ['/*'] }, '[[1,2],[3]]', '[[2,1],[3]]', []],
  ])('%s', (_, given, legacy, wasm, found) => {
    const nested = (document: string) => `{"all":${document}}`;
    const at = (pointers: readonly string[] = []) => pointers.map((pointer) => `/all${pointer}`);
    const rule = json({ ...given, ignore: at(given.ignore), unordered: ['/all', ...at(given.unordered)] });
    expect(differ(rule, nested(legacy), nested(wasm))).toEqual(found.map((each) => each.replace(' ', ' /all')));
  });

  it('may be the whole document', () => {
    expect(differ(json({ unordered: [''] }), '[1,2]', '[2,1]')).toEqual([]);
  });

  it('is paired as well as tolerance allows, not first come, first served', () => {
    const rule = json({ unordered: ['/all'], ...both(0.1) });
    expect(differ(rule, '{"all":[1.0,1.1]}', '{"all":[1.2,1.1]}')).toEqual([]);
    expect(differ(rule, '{"all":[1.0,1.1]}', '{"all":[1.21,1.1]}')).toEqual(['value /all/1']);
    const points = (all: readonly (readonly [number, number])[]) =>
      JSON.stringify({ all: all.map(([x, y]) => ({ x, y })) });
    // By x alone each would be paired with the wrong one.
    const [one, other] = [
      points([
        [1, 5],
        [1.01, 7],
      ]),
      points([
        [1.05, 5],
        [1, 7],
      ]),
    ];
    expect(differ(rule, one, other)).toEqual([]);
    expect(differ(rule, other, one)).toEqual([]);
  });

  it.each([
    ['three', 3, (id: bigint) => String(id)],
    ['a hundred and thirty', 130, (id: bigint) => `{"id":${id},"n":1.5}`],
  ])('of %s integers that no double holds is the same in any, with a tolerance', (_, count, element) => {
    const ids = Array.from({ length: count }, (_, at) => 1_234_567_890_123_456_789n + BigInt(at));
    const [one, other] = [`[${ids.map(element).join()}]`, `[${ids.reverse().map(element).join()}]`];
    expect(differ(json({ unordered: [''], ...both(1e-9) }), one, other)).toEqual([]);
    expect(differ(json(both(1e-9)), one, other)).toEqual(['order ']);
  });

  it('within another one has its order ignored when they are paired', () => {
    const rule = json({ unordered: ['/all', '/all/*/tags'], ...both(0.1) });
    const one = '{"all":[{"n":1,"tags":["a","b"]},{"n":2,"tags":["c","d"]}]}';
    const other = '{"all":[{"n":2.05,"tags":["d","c"]},{"n":1,"tags":["b","a"]}]}';
    expect(differ(rule, one, other)).toEqual([]);
  });
});

describe('A tolerance', () => {
  it.each<[string, Partial<JsonRule>, string, string, boolean]>([
    ['of nothing', both(0), '1', '1.0000000000000002', false],
    ['that is not reached', both(0.01), '1', '1.009', true],
    ['that is reached exactly', both(0.1), '1', '1.1', true],
    ['that is reached exactly, whatever doubles say', both(0.1), '0.2', '0.3', true],
    ['that is passed by a little', both(0.1), '1', '1.1000000000000001', false],
    ['relative to the larger one', both(0, 0.1), '90', '100', true],
    ['relative, either way round', both(0, 0.1), '100', '90', true],
    ['relative and passed', both(0, 0.1), '89.99', '100', false],
    ['relative, of negative numbers', both(0, 0.1), '-90', '-100', true],
    ['of which one part suffices', both(5, 1e-9), '1', '6', true],
    ['for large numbers', both(1), '9007199254740993', '9007199254740992', true],
    ['for large numbers, too small', both(0.5), '9007199254740993', '9007199254740992', false],
    ['for numbers that no double reaches', both(0, 1e-6), '1e400', '1.0000001e400', true],
    ['for numbers that no double reaches, too small', both(0, 1e-9), '1e400', '1.0000001e400', false],
    ['for numbers further apart than can be written down', both(0, 0.5), '1e999999999999', '1', false],
    ['for numbers near nothing', both(1e-9), '1e-999999999999', '-1e-400', true],
    ['that is not for strings', both(1), '"1"', '"2"', false],
    ['that is not for other types', both(1), '0', 'false', false],
  ])('%s', (_, given, legacy, wasm, same) => {
    expect(differ(json(given), legacy, wasm).length === 0).toBe(same);
    expect(differ(json(given), wasm, legacy).length === 0).toBe(same);
  });
});

describe('Differences', () => {
  it('are listed up to fifty, and the rest is counted', () => {
    const numbers = (from: number) => JSON.stringify(Array.from({ length: 80 }, (_, index) => from + index));
    const found = compareNow({ compare: json() }, reply(numbers(0)), reply(numbers(1_000)));
    expect(found.differences).toHaveLength(50);
    expect(found.omitted).toBe(30);
  });

  it('show no more than a beginning', () => {
    const { differences } = compareNow(
      { compare: json() },
      reply(JSON.stringify({ a: 'x'.repeat(1_000), b: [['y'.repeat(1_000)]] })),
      reply('{"a":"😀","b":{}}'),
    );
    expect(differences).toEqual([
      { pointer: '/a', kind: 'value', legacy: `"${'x'.repeat(118)}…`, wasm: '"😀"' },
      { pointer: '/b', kind: 'type', legacy: `[["${'y'.repeat(116)}…`, wasm: '{}' },
    ]);
  });

  it('do not show what is to be taken out, nor what holds it', () => {
    const given = { compare: json(), redact: { pointers: ['/user/*/name'], headers: [] } };
    const found = compareNow(
      given,
      reply('{"user":[{"name":"A","n":1}],"n":1}'),
      reply('{"user":[{"name":"B","n":2}],"n":2}'),
    );
    expect(found.differences).toEqual([
      { pointer: '/user/0/name', kind: 'value', legacy: '[redacted]', wasm: '[redacted]' },
      { pointer: '/user/0/n', kind: 'value', legacy: '1', wasm: '2' },
      { pointer: '/n', kind: 'value', legacy: '1', wasm: '2' },
    ]);
    const gone = compareNow(given, reply('{"user":[{"name":"A"}]}'), reply('{}'));
    expect(gone.differences).toEqual([{ pointer: '/user', kind: 'missing', legacy: '[redacted]', wasm: null }]);
    const inside = compareNow(
      given,
      reply('{"user":[{"name":{"last":"A"}}]}'),
      reply('{"user":[{"name":{"last":"B"}}]}'),
    );
    expect(inside.differences).toMatchObject([{ pointer: '/user/0/name/last', legacy: '[redacted]' }]);
    const whole = compareNow({ ...given, compare: { as: 'bytes' } }, reply('name: A'), reply('name: B'));
    expect(whole.differences).toMatchObject([{ pointer: '', legacy: '[redacted]', wasm: '[redacted]' }]);
  });
});
