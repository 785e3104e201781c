import { expect, it } from 'vitest';
import { differ, json } from './comparing.js';

it('a key of one character is the same however it is escaped, whatever was parsed before', () => {
  // A shape of its own for each: the engine's guess at the next key is about one key alone.
  for (const letter of 'abcdefghijklmnopqrstuvwxyz') {
    const written = (key: string) => `[{"before ${letter}":true,"${key}":"\u{10fff0}"}]`;
    const escaped = written(`\\u00${letter.charCodeAt(0).toString(16)}`);
    expect(differ(json(), written(letter), escaped)).toEqual([]);
  }
});

it('what looks like such a key in a string is left alone', () => {
  const quoted = JSON.stringify({ text: '"\\u0061":1' });
  expect(differ(json(), quoted, ` ${quoted}`)).toEqual([]);
  expect(differ(json(), quoted, JSON.stringify({ text: '"a":1' }))).toEqual(['value /text']);
});
