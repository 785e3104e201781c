import { declaredName } from '#src/schema/native-prototype.js';
import { describe, expect, it, test } from 'vitest';

describe('A declaration declares', () => {
  it.each([
    ['double pow(double x, double y)', 'pow'],
    ['  struct point *\nmiddle ( int a ) ; \n', 'middle'],
    ['int f(int (*callback)(int))', 'f'],
    ['int', null],
    ['int f(int a); int', null],
  ])('%j: %j', (declaration, name) => {
    expect(declaredName(declaration)).toBe(name);
  });
});

// Where the time grew with the square of the length these would take minutes.
test.each(['a', 'a ', 'a(', ') ', ' '])('What is no declaration is known as such at any length: %j', (part) => {
  const long = part.repeat(500_000);
  expect([declaredName(long), declaredName(`f()${long}x`), declaredName(`f${long}x`)]).toEqual([null, null, null]);
});
