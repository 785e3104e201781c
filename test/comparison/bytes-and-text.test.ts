import { describe, expect, it } from 'vitest';
import type { CompareRule } from '#src/domain/comparison.js';
import { compareNow, differ, reply } from './comparing.js';

type TextRule = Extract<CompareRule, { readonly as: 'text' }>;

function text(given: Partial<TextRule> = {}): TextRule {
  return { as: 'text', lineEnds: 'same', trailingSpace: 'same', unicode: null, ...given };
}

describe('Bytes', () => {
  it('are the same or they are not', () => {
    expect(differ({ as: 'bytes' }, 'a', 'a')).toEqual([]);
    expect(differ({ as: 'bytes' }, '', '')).toEqual([]);
    expect(differ({ as: 'bytes' }, '1', '1.0')).toEqual(['value ']);
    expect(differ({ as: 'bytes' }, '', 'a')).toEqual(['value ']);
  });

  it('are shown from where they differ, as text or as digits', () => {
    const difference = (legacy: string | Uint8Array, wasm: string | Uint8Array) =>
      compareNow({}, reply(legacy), reply(wasm)).differences[0];
    expect(difference('hello world', 'hello there')).toMatchObject({
      legacy: 'byte 6: "hello world"',
      wasm: 'byte 6: "hello there"',
    });
    const long = Buffer.alloc(200_000, 'a');
    const other = Buffer.from(long);
    other[150_000] = 0xff;
    expect(difference(long, other)).toMatchObject({
      legacy: `byte 150000: …"${'a'.repeat(40)}"…`,
      wasm: `byte 150000: …61 61 61 61 61 61 61 61 ff ${Array(31).fill('61').join(' ')}…`.slice(0, 119) + '…',
    });
    expect(difference(long, long.subarray(0, 199_999))).toMatchObject({ wasm: 'ends after 199999 bytes' });
  });
});

describe('Text', () => {
  it.each<[string, Partial<TextRule>, string | Uint8Array, string | Uint8Array]>([
    ['line ends', { lineEnds: 'any' }, 'a\r\nb\rc\n', 'a\nb\nc\r\n'],
    ['white space at line ends', { trailingSpace: 'any' }, 'a \t\nb', 'a\nb'],
    ['empty lines at the end', { trailingSpace: 'any' }, 'a\n\n \n', 'a'],
    ['white space and kept line ends', { trailingSpace: 'any' }, 'a \r\nb\t\rc', 'a\r\nb\rc'],
    ['normal forms', { unicode: 'NFC' }, 'e\u0301', '\u00e9'],
    ['compatible forms', { unicode: 'NFKC' }, '\ufb01', 'fi'],
    [
      'line ends of what is not UTF-8',
      { lineEnds: 'any' },
      Buffer.from('\xff\r\n', 'latin1'),
      Buffer.from('\xff\n', 'latin1'),
    ],
  ])('%s do not count where the rule says so', (_, given, legacy, wasm) => {
    expect(differ(text(given), legacy, wasm)).toEqual([]);
    expect(differ(text(), legacy, wasm)).toEqual(['value ']);
  });

  it.each<[string, Partial<TextRule>, string | Uint8Array, string | Uint8Array]>([
    ['white space at the beginning', { trailingSpace: 'any' }, ' a', 'a'],
    ['empty lines within', { trailingSpace: 'any', lineEnds: 'any' }, 'a\n\nb', 'a\nb'],
    ['the form of line ends', { trailingSpace: 'any' }, 'a\r\nb', 'a\nb'],
    ['bytes that are no UTF-8', { unicode: 'NFC' }, Buffer.from([0xff]), Buffer.from([0xfe])],
    ['what stands for such bytes', { unicode: 'NFC' }, Buffer.from([0xff]), '\ufffd'],
    ['a byte order mark', { trailingSpace: 'any', lineEnds: 'any' }, '\ufeffa', 'a'],
  ])('%s counts', (_, given, legacy, wasm) => {
    expect(differ(text(given), legacy, wasm)).toEqual(['value ']);
  });

  it('is shown from the line where it differs', () => {
    const { differences } = compareNow(
      { compare: text() },
      reply(`a\n${'b'.repeat(200)}c`),
      reply(`a\n${'b'.repeat(200)}`),
    );
    expect(differences).toEqual([
      { pointer: '', kind: 'value', legacy: `line 2: …"${'b'.repeat(20)}c"`, wasm: 'ends in line 2' },
    ]);
  });
});
